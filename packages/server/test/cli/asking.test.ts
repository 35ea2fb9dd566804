import { writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/run-cli.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { offered, pluginSource } from "../install/plugin-source.ts";
import { cbz } from "../library/cbz.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";
import { type Effect, effects } from "./effects.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await writeRegistry(path.join(world.folder, "comics"), [
    offered("echo", ["1.0.0"]),
    offered("kept", ["1.0.0"]),
    offered("greedy", ["1.0.0"], { permissions: { net: ["*.com"], library: "read" } }),
    offered("own", ["1.0.0"]),
  ]);
  await world.run("registry", "add", "./comics");
  const parameters =
    'parameters: { token: { type: "secret" }, word: { type: "string", default_value: "a" } },';
  const sources = {
    own: pluginSource({ namespace: "own", version: "0.9.0" }),
    set: pluginText("set", "1.0.0", "script", "async run() { return {}; },", parameters),
  };
  for (const [name, source] of Object.entries(sources)) {
    await writeFile(path.join(world.folder, `${name}.ts`), source);
    await world.run("sideload", `${name}.ts`);
  }
  await world.run("settings", "set", "token=old");
  await world.run("install", "echo");
  await world.run("install", "kept");
  await writeFile(path.join(world.folder, "one.cbz"), cbz("one"));
  await world.run("library", "add", "one.cbz");
  await world.run("key", "add", "reader", "--scope", "read");
  await world.run("notify", "add", "phone", "ntfy", "http://127.0.0.1:9/topic");
  await world.run("notify", "add", "hook", "webhook", "http://127.0.0.1:9/hook");
  const git = ["registry", "add", "https://127.0.0.1:9/a/b", "--provider", "gitlab", "--no-refresh"];
  await world.pipe("secret", ...git, "--name", "Private", "--token-stdin");
});
afterAll(() => world.close());

const leaves = (command: Command, name = ""): [string, Command][] =>
  command.commands.length === 0
    ? [[name, command]]
    : command.commands.flatMap((one) => leaves(one, `${name} ${one.name()}`.trim()));

const commands = (): Map<string, Command> => {
  const io = { stdout: { write: () => true }, stderr: { write: () => true }, stdin: new PassThrough() };
  return new Map(leaves(createProgram({ ...io, env: {}, cwd: world.folder })));
};

const ofKind = <K extends Effect["kind"]>(kind: K): [string, Extract<Effect, { kind: K }>][] =>
  Object.entries(effects).flatMap(([name, effect]) =>
    effect.kind === kind ? [[name, effect as Extract<Effect, { kind: K }>]] : [],
  );

describe("the effect of each command", () => {
  it("is stated, for all of them and for no other", () => {
    expect(Object.keys(effects).sort()).toEqual([...commands().keys()].sort());
  });

  it("is a loss if and only if the command takes --yes", () => {
    const asking = Object.entries(effects)
      .filter(([, effect]) => effect.kind === "loses" || (effect.kind === "changes" && effect.asks))
      .map(([name]) => name);
    const taking = [...commands()].flatMap(([name, one]) =>
      one.options.some(({ long, hidden }) => long === "--yes" && !hidden) ? [name] : [],
    );
    expect(taking.sort()).toEqual(asking.sort());
  });

  it("that can be taken back names a command that there is", () => {
    const known = [...commands().keys()];
    for (const [name, { undo }] of ofKind("changes"))
      expect(known, name).toEqual(expect.arrayContaining([...undo]));
    for (const [name, { stop }] of ofKind("starts")) expect(known, name).toContain(stop);
  });
});

describe("without a terminal", () => {
  const tried = ofKind("loses").flatMap(([name, { args }]) =>
    (args ?? []).map((one) => [name, one] as const),
  );

  it.each(tried)("%s %j needs --yes, and does nothing", async (name, args) => {
    const { code, out, err } = await world.run(...name.split(" "), ...args);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^error: .+\.\nhint: Repeat the command with --yes to .+\.\n$/m);
  });

  it("a grant of a whole public suffix needs --yes", async () => {
    expect((await world.run("install", "greedy", "--yes")).code).toBe(0);
    const { code, err } = await world.run("grant", "greedy", "--net", "*.com");
    expect([code, err]).toEqual([1, expect.stringContaining("with --yes")]);
  });

  it("a removal that keeps the settings is done, and names the command that undoes it", async () => {
    const { code, err } = await world.run("uninstall", "kept");
    expect([code, err]).toEqual([0, "To undo: `hitagi rollback kept`\n"]);
    expect((await world.run("rollback", "kept")).code).toBe(0);
  });

  it("with --yes each of them is done", async () => {
    const order = [
      ...["settings", "registry update", "notify set", "uninstall", "move", "library remove"],
      ...["key revoke", "notify remove", "registry remove"],
    ];
    for (const name of order) {
      const effect = effects[name];
      const [args = []] = effect?.kind === "loses" ? (effect.args ?? []) : [];
      const { code, err } = await world.run(...name.split(" "), ...args, "--yes");
      expect(code, `${name}: ${err}`).toBe(0);
    }
  });
});

it("a secret that was not set yet is set without a question", async () => {
  await world.run("settings", "set", "--reset", "token", "--yes");
  const { code, err } = await world.run("settings", "set", "token=new");
  expect([code, err]).toEqual([0, "To undo: `hitagi settings set --reset token`\n"]);
});

it("in a terminal, a removal asks, and offers to drop the settings", async () => {
  const no = await world.inTerminal("n\n", "uninstall", "kept");
  expect([no.code, no.err]).toEqual([1, expect.stringContaining("--drop-settings deletes them")]);
  expect(no.err).toContain("Remove? [y/N]");
  expect((await world.inTerminal("y\n", "uninstall", "kept")).code).toBe(0);
});
