import { writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/run-cli.ts";
import { offered, pluginSource } from "../install/plugin-source.ts";
import { cbz } from "../library/cbz.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

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
  await writeFile(path.join(world.folder, "own.ts"), pluginSource({ namespace: "own", version: "0.9.0" }));
  await world.run("sideload", "own.ts");
  await world.run("install", "echo");
  await world.run("install", "kept");
  await writeFile(path.join(world.folder, "one.cbz"), cbz("one"));
  await world.run("library", "add", "one.cbz");
  await world.run("key", "add", "reader", "--scope", "read");
});
afterAll(() => world.close());

/** Commands that nothing undoes, or that give rights: a script says --yes. They stand in an order in which all can run. */
const needYes: Record<string, readonly string[]> = {
  "chain reset": [],
  grant: ["greedy", "--net", "*.com"],
  install: ["greedy"],
  "key revoke": ["reader"],
  "library remove": ["one.cbz"],
  move: ["own"],
  "notify remove": ["phone"],
  "registry remove": ["comics"],
  uninstall: ["echo", "--drop-settings"],
};

/** Commands that ask only in a terminal, because another command undoes them, with that command. */
const undoable: Record<string, string> = {
  "batch report": "batch undo",
  "batch run": "batch undo",
  "batch undo": "batch run",
  "policy tags apply": "batch undo",
  "schedule remove": "schedule add",
  upgrade: "rollback",
};

/**
 * Commands with --yes that are tested elsewhere, because they change the server's own key, need it to be stopped, need a file of another
 * server, or ask only about a signed registry or a host name that looks like a known one.
 */
const elsewhere: Record<string, string> = {
  "key rotate": "key.test.ts",
  "registry add": "look-alikes.test.ts",
  "registry follow": "registry-follow.test.ts",
  "registry trust": "registry-trust.test.ts",
  restore: "backup/restore.test.ts",
  sync: "lockfile/lockfile.test.ts",
};

const leaves = (command: Command, name = ""): [string, Command][] =>
  command.commands.length === 0
    ? [[name, command]]
    : command.commands.flatMap((one) => leaves(one, `${name} ${one.name()}`.trim()));

it("each command that takes --yes is one of these kinds, and each of these takes it", () => {
  const io = { stdout: { write: () => true }, stderr: { write: () => true }, stdin: new PassThrough() };
  const program = createProgram({ ...io, env: {}, cwd: world.folder });
  const taking = leaves(program).filter(([, one]) => one.options.some(({ long }) => long === "--yes"));
  const known = [needYes, undoable, elsewhere].flatMap(Object.keys);
  expect(taking.map(([name]) => name).sort()).toEqual(known.sort());
});

describe("without a terminal", () => {
  it.each(Object.entries(needYes).filter(([name]) => name !== "grant"))(
    "%s needs --yes",
    async (name, args) => {
      const { code, out, err } = await world.run(...name.split(" "), ...args);
      expect([code, out]).toEqual([1, ""]);
      expect(err).toMatch(/^error: .+\.\nhint: Repeat the command with --yes to .+\.\n$/m);
    },
  );

  it("a grant of a whole public suffix needs --yes", async () => {
    expect((await world.run("install", "greedy", "--yes")).code).toBe(0);
    const { code, err } = await world.run("grant", "greedy", "--net", "*.com");
    expect([code, err]).toEqual([1, expect.stringContaining("with --yes")]);
  });

  it("a removal that keeps the settings is done, because a rollback undoes it", async () => {
    expect((await world.run("uninstall", "kept")).code).toBe(0);
    expect((await world.run("rollback", "kept")).code).toBe(0);
  });

  it("with --yes each of them is done", async () => {
    const order = ["uninstall", "move", "library remove", "key revoke", "registry remove"];
    for (const name of order) {
      const { code, err } = await world.run(...name.split(" "), ...(needYes[name] ?? []), "--yes");
      expect(code, `${name}: ${err}`).toBe(0);
    }
  });
});

it("in a terminal, a removal asks, and offers to drop the settings", async () => {
  const no = await world.inTerminal("n\n", "uninstall", "kept");
  expect([no.code, no.err]).toEqual([1, expect.stringContaining("--drop-settings deletes them")]);
  expect(no.err).toContain("Remove? [y/N]");
  expect((await world.inTerminal("y\n", "uninstall", "kept")).code).toBe(0);
});
