import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { runCaptured } from "../../cli/cli-world.ts";
import { pluginSource } from "../../install/plugin-source.ts";
import { openBuildWorld } from "../build/build-world.ts";

/** A folder with the plugins of an author, who has no registry yet. */
const openDrafts = async () => {
  const world = await openBuildWorld();
  await world.write("drafts/echo.ts", pluginSource());
  await world.write("drafts/other.ts", pluginSource({ namespace: "other" }));
  const publish = (...more: string[]) => world.run(["publish", "new", "--from", "drafts", ...more]);
  const isThere = async (file: string) =>
    (await stat(path.join(world.folder, file)).catch(() => undefined)) !== undefined;
  return { ...world, publish, isThere };
};

const NEW_KEY = ["--new-key", "day.key", "--origin", "example.org/new", "--recovery-out", "words"];

it("one command makes a signed and published registry of a folder of plugins", async () => {
  const { publish, run, folder, read } = await openDrafts();
  const { code, err } = await publish("--to", "public", ...NEW_KEY, "--name", "New");
  expect([code, err]).toEqual([0, expect.stringContaining("Signed head 1 of example.org/new, epoch 1.")]);
  expect(err).toMatch(/^Fingerprint: [0-9a-f]{64}$/m);
  expect((await run(["verify", "public"])).code).toBe(0);
  expect(Object.keys(JSON.parse(await read("public/registry.json")).plugins)).toEqual(["echo", "other"]);
  expect(JSON.parse(await read("new/keeper.json"))).toEqual({ name: "New" });
  expect((await stat(path.join(folder, "day.key"))).mode & 0o777).toBe(0o600);
  expect(await readdir(path.join(folder, "drafts"))).toEqual(["echo.ts", "other.ts"]);
  const again = await run(["publish", "new", "--key", "day.key", "--to", "public"]);
  expect([again.code, again.err]).toEqual([0, expect.stringContaining("Nothing changed.")]);
});

it("without keys it publishes an unsigned registry, in a script without a question", async () => {
  const { publish, isThere, read } = await openDrafts();
  expect((await publish("--to", "public")).code).toBe(0);
  expect([await isThere("public/registry.head"), JSON.parse(await read("new/keeper.json")).name]).toEqual([
    false,
    "new",
  ]);
});

it.each([
  ["nowhere to publish to", NEW_KEY, /not known where to publish/],
  ["no name in the keys", ["--to", "public", "--new-key", "day.key", "--recovery-out", "words"], /--origin/],
  [
    "words that nobody sees",
    ["--to", "public", "--new-key", "k", "--origin", "example.org/n"],
    /--recovery-out/,
  ],
  ["a key in the folder", ["--to", "public", ...NEW_KEY, "--new-key", "new/day.key"], /outside of it/],
  ["the words in the folder", ["--to", "public", ...NEW_KEY, "--recovery-out", "new/words"], /outside of it/],
  [
    "a key in what is served",
    ["--to", "public", ...NEW_KEY, "--new-key", "public/k"],
    /published to.*outside of it/s,
  ],
  [
    "the words in what is served",
    ["--to", "public", ...NEW_KEY, "--recovery-out", "public/w"],
    /published to/,
  ],
  ["a dry run", ["--to", "public", ...NEW_KEY, "--dry-run"], /--dry-run/],
])("makes nothing with %s", async (_, more, reason) => {
  const { publish, isThere } = await openDrafts();
  const { code, err } = await publish(...more);
  expect([code, err]).toEqual([2, expect.stringMatching(reason)]);
  for (const file of ["new", "day.key", "words", "public"]) expect(await isThere(file), file).toBe(false);
});

it("makes no second keys for a signed registry, and no registry in the place of one", async () => {
  const { publish, run } = await openDrafts();
  await publish("--to", "public", ...NEW_KEY);
  const again = await publish("--to", "public", "--key", "day.key");
  expect([again.code, again.err]).toEqual([2, expect.stringContaining("new is a registry already")]);
  const more = ["--new-key", "k2", "--origin", "example.org/new", "--recovery-out", "w2"];
  const keys = await run(["publish", "new", "--to", "public", ...more]);
  expect([keys.code, keys.err]).toEqual([2, expect.stringContaining("is signed already")]);
});

it("makes keys for a registry that is there and not signed yet", async () => {
  const { run } = await openDrafts();
  await run(["init", "old", "--name", "Old", "--from", "drafts"]);
  const { code, err } = await run(["publish", "old", "--to", "public", ...NEW_KEY]);
  expect([code, err]).toEqual([0, expect.stringContaining("Signed head 1 of example.org/new")]);
});

it("asks in a terminal for all of it, and shows the words of the recovery key once, to be typed back", async () => {
  const { folder, isThere } = await openDrafts();
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  let shown = "";
  let words = "";
  const answers: [question: RegExp, answer: () => string][] = [
    [/Make keys that sign it.*\[y\/N\] $/, () => "y"],
    [/A new file for the signing key.*: $/, () => "day.key"],
    [/The registry's name in its keys.*: $/, () => "example.org/new"],
    [/Press Enter when they are on paper\. $/, () => ""],
    [/Type the words from the paper: $/, () => words],
  ];
  const stderr = {
    isTTY: true,
    write: (text: string) => {
      shown += text;
      const [, list = ""] = text.split("\n\n");
      words ||= [...list.matchAll(/\d+ ([a-z]+)/g)].map(([, word]) => word).join(" ");
      const [next] = answers;
      if (!next?.[0].test(shown)) return true;
      answers.shift();
      const answer = `${next[1]()}\n`;
      setImmediate(() => (answers.length > 0 ? stdin.write(answer) : stdin.end(answer)));
      return true;
    },
  };
  const argv = ["registry", "publish", "new", "--from", "drafts", "--to", "public"];
  const { code } = await runCaptured(argv, { cwd: folder, stdin, stderr });
  expect([code, answers.length], shown).toEqual([0, 0]);
  expect(shown).toContain("Signed head 1 of example.org/new, epoch 1.");
  expect(await isThere("public/registry.head")).toBe(true);
  const key = await readFile(path.join(folder, "day.key"), "utf8");
  expect(key).toMatch(/^hitagi-signing-key\/v1\n/);
});

it("takes answers that are typed ahead, each for its own question", async () => {
  const { folder, read } = await openDrafts();
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.write("y\nday.key\nexample.org/new\n");
  const stderr = { isTTY: true, write: () => true };
  const argv = [
    "registry",
    "publish",
    "new",
    "--from",
    "drafts",
    "--to",
    "public",
    "--recovery-out",
    "words",
  ];
  expect((await runCaptured(argv, { cwd: folder, stdin, stderr })).code).toBe(0);
  expect(await read("day.key")).toMatch(/^hitagi-signing-key\/v1\n/);
  expect(await read("public/registry.head")).toMatch(/^hitagi-head\/v1\nexample\.org\/new\n/);
});
