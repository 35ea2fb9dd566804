import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "../../src/cli/undo.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { openCliWorld, type World } from "./cli-world.ts";
import { effects } from "./effects.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  const more =
    'parameters: { word: { type: "string", default_value: "a" } }, permissions: { net: ["a.org", "b.org"] },';
  for (const name of ["one", "two"]) {
    const source = pluginText(
      name,
      "1.0.0",
      "metadata",
      `async getTags() { return { tags: ["by:${name}"] }; },`,
      more,
    );
    await writeFile(path.join(world.folder, `${name}.ts`), source);
    expect((await world.run("sideload", `${name}.ts`)).code).toBe(0);
  }
  await writeFile(path.join(world.folder, "comic.cbz"), cbz("comic"));
  await world.run("library", "add", "comic.cbz", "--title", "It's “odd”", "--summary", "two\nlines");
  for (const place of ["first", "second"]) {
    await mkdir(path.join(world.folder, place));
    const added = await world.run("registry", "add", `./${place}`, "--no-refresh", "--name", place);
    expect(added.code, added.err).toBe(0);
  }
  for (const name of ["one", "two"]) await world.run("enable", name);
  await world.run("chain", "set", "two", "--if-nothing-found", "--tagged", "a b", "artist:*");
  await world.run("hold", "one", "--note", "it's fine");
  await world.run("schedule", "add", "every day 03:00", "batch", "--plugin", "one", "--all", "--zone", "UTC");
});
afterAll(() => world.close());

test.each([
  ["plain", "a=b", "./x:1@2"],
  ["two words", "it's", "$HOME", "`id`", "", "-dash", "*"],
  ["line\nbreak", "tab\t", "back\\slash and\n'quote'", "\u202ereversed", "\u{e0041}"],
])("a shell reads the words of a command back as they were: %j", (...words) => {
  const line = commandLine(...words);
  expect(line).not.toMatch(/[\n\t\u202e]/);
  const read = execFileSync("bash", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
  expect(read.split("\0").slice(0, -1)).toEqual(["hitagi", ...words]);
});

/** The words of each command that an output names, as a shell reads them. */
const undoIn = (err: string): string[][] =>
  [...err.matchAll(/^To undo: `hitagi (.*)`$/gm)].map(([, line = ""]) =>
    execFileSync("bash", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" })
      .split("\0")
      .slice(0, -1),
  );

/** What each command changes, as another one shows it. */
const shown: Record<string, string[]> = {
  library: ["library", "show", "comic.cbz", "--json"],
  settings: ["settings", "one", "--json"],
  chain: ["chain", "show", "--json"],
  registry: ["registry", "list", "--json"],
  default: ["registry", "default", "--json"],
  plugins: ["list", "--json"],
  schedules: ["schedule", "list", "--json"],
  updates: ["policy", "updates", "show", "--json"],
  signatures: ["policy", "signatures", "--json"],
};

/** Without what moves by itself or with each change. */
const stable = (json: unknown): unknown =>
  JSON.parse(
    JSON.stringify(json, (key, value) =>
      ["revision", "updated", "since", "created", "next", "age"].includes(key) ? undefined : value,
    ),
  );

const undone: [what: string, ...argv: string[]][] = [
  ["library", "library", "edit", "comic.cbz", "--title", "New", "--tags", "a:b", "--summary", "s"],
  ["library", "run", "one", "--archive", "comic.cbz", "--apply"],
  ["settings", "settings", "one", "word=b"],
  ["settings", "settings", "one", "word="],
  ["chain", "chain", "set", "two", "--always", "--end-on-hit"],
  ["chain", "chain", "move", "two", "--to", "1"],
  ["chain", "chain", "remove", "one", "two"],
  ["chain", "chain", "reset"],
  ["registry", "registry", "update", "first", "--name", "Other name", "--lenient"],
  ["registry", "registry", "update", "first", "--path", "elsewhere"],
  ["default", "registry", "default", "second"],
  ["plugins", "grant", "one", "--net", "a.org"],
  ["plugins", "grant", "one", "--none"],
  ["plugins", "enable", "one", "--priority", "77"],
  ["plugins", "disable", "one"],
  ["plugins", "unhold", "one"],
  ["plugins", "hold", "one", "--at", "1.0.0", "--note", "another"],
  ["schedules", "schedule", "change", "1", "every day 05:00", "--zone", "Europe/Berlin"],
  ["schedules", "schedule", "pause", "1"],
  ["updates", "policy", "updates", "on", "--all"],
  ["updates", "policy", "updates", "hours", "02:00-05:00", "--zone", "UTC"],
  ["signatures", "policy", "signatures", "--answer-heads", "--require-all"],
];

test.each(undone)("%s: %s %s … names the commands that take it back", async (what, ...argv) => {
  const look = async () => stable((await world.run(...(shown[what] ?? []))).json);
  const before = await look();
  const done = await world.run(...argv);
  expect(done.code, done.err).toBe(0);
  expect(await look()).not.toEqual(before);
  const commands = undoIn(done.err);
  expect(commands.length, done.err).toBeGreaterThan(0);
  for (const words of commands) {
    const undone = await world
      .run(...words, "--yes")
      .then((ran) => (ran.code === 2 ? world.run(...words) : ran));
    expect(undone.code, undone.err).toBe(0);
  }
  expect(await look()).toEqual(before);
});

test("a schedule that is removed is added again by the command that its removal names", async () => {
  const before = (await world.run("schedule", "show", "1", "--json")).json;
  const [words = []] = undoIn((await world.run("schedule", "remove", "1")).err);
  expect((await world.run(...words)).code).toBe(0);
  const [after] = (await world.run("schedule", "list", "--json")).json;
  expect([after.when, after.zone, after.work]).toEqual([before.when, before.zone, before.work]);
});

/** Further commands, in an order in which each of them changes or starts something. */
const steps: string[][] = [
  ["sideload", "three.ts"],
  ["sideload", "newer.ts"],
  ["rollback", "three"],
  ["library", "add", "other.cbz"],
  ["key", "add", "reader", "--scope", "read"],
  ["notify", "add", "phone", "ntfy", "http://127.0.0.1:9/topic"],
  ["schedule", "add", "every day 03:00", "batch", "--plugin", "one", "--all"],
  ["schedule", "pause", "2"],
  ["schedule", "resume", "2"],
  ["schedule", "run", "2"],
  ["schedule", "remove", "2"],
  ["batch", "run", "--plugin", "one", "--all"],
  ["job", "retry", "1"],
  ["policy", "fields", "set", "title=never"],
  ["policy", "fields", "unset", "title"],
  ["policy", "installs", "set", "age=1d"],
  ["policy", "updates", "off", "--all"],
  ["policy", "tags", "add", "-a:b"],
  ["policy", "tags", "off"],
  ["policy", "tags", "on"],
];

/** The tests of commands that need more than this server. */
const elsewhere = {
  "batch.test.ts": ["batch report", "batch pause", "batch resume"],
  "hold.test.ts": ["skip", "unskip"],
  "policy-blocks.test.ts": [
    "policy blocks add",
    "policy blocks remove",
    "policy blocks allow",
    "policy blocks disallow",
  ],
  "policy-tags.test.ts": ["policy tags remove", "policy tags set", "policy tags table", "policy tags apply"],
  "policy-updates.test.ts": ["policy updates default"],
  "schedule.test.ts": ["job cancel"],
};

/** The command that an argument list calls. */
const nameOf = (argv: readonly string[]): string =>
  Object.keys(effects)
    .filter((name) => `${argv.join(" ")} `.startsWith(`${name} `))
    .toSorted((a, b) => b.length - a.length)[0] ?? "";

/** The commands that take back or stop what a command does. */
const answersTo = (name: string): readonly string[] => {
  const effect = effects[name];
  if (effect?.kind === "changes" && !effect.unnamed) return effect.undo;
  return effect?.kind === "starts" ? [effect.stop] : [];
};

test("each command that changes something is tried in this file or in another", () => {
  const tried = [...undone.map(([, ...argv]) => nameOf(argv)), ...steps.map(nameOf)];
  const all = Object.keys(effects).filter((name) => answersTo(name).length > 0);
  expect([...new Set([...tried, ...Object.values(elsewhere).flat()])].toSorted()).toEqual(
    expect.arrayContaining(all),
  );
});

test("commands name the one that takes back or stops what they do, as their effects state", async () => {
  for (const [name, version] of [
    ["three", "1.0.0"],
    ["newer", "1.1.0"],
  ] as const)
    await writeFile(
      path.join(world.folder, `${name}.ts`),
      pluginText("three", version, "script", "run: () => 1,"),
    );
  await writeFile(path.join(world.folder, "other.cbz"), cbz("other"));
  for (const argv of steps) {
    const { code, out, err } = await world.run(...argv);
    expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
    const named = answersTo(nameOf(argv)).filter((one) => `${out}${err}`.includes(`\`hitagi ${one}`));
    expect(named, `${argv.join(" ")}: ${out}${err}`).not.toEqual([]);
  }
});
