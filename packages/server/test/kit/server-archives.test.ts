import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { archiveBytes } from "@hitagi/sdk/testing";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { openCliWorld, type World } from "../cli/cli-world.ts";

const METADATA = `export default {
  namespace: "shelf", type: "metadata", name: "Shelf", version: "1.0.0", author: "me", description: "Tells what it sees.",
  async getTags({ archive }) {
    const entries = await archive.entries();
    return { tags: [...archive.tags, "file:" + archive.filename, "files:" + entries.length], title: archive.title + "!" };
  },
};
`;

const SCRIPT = `export default {
  namespace: "lister", type: "script", name: "Lister", version: "1.0.0", author: "me", description: "Lists and edits.",
  permissions: { library: "write" },
  async run({ library }) {
    const { archives } = await library.list();
    for (const { id } of archives) await library.update(id, { tags: ["changed"] });
    return archives.map(({ path, pages }) => path + " " + pages);
  },
};
`;

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await mkdir(path.join(world.folder, "mine"));
  await writeFile(path.join(world.folder, "mine/shelf.ts"), METADATA);
  await writeFile(path.join(world.folder, "mine/lister.ts"), SCRIPT);
  for (const [name, pages] of [
    ["snail", 2],
    ["moon", 3],
  ] as const) {
    await writeFile(path.join(world.folder, `${name}.cbz`), archiveBytes({ pages }));
    await world.run("library", "add", `${name}.cbz`, "--title", `Night ${name}`, "--tags", `of:${name}`);
  }
});
afterAll(() => world.close());

const dev = (plugin: string, ...more: string[]) =>
  world.run("dev", `mine/${plugin}.ts`, "--once", "--json", ...more);
const copies = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("hitagi-archives-"));

test("dev runs on archives of a server with its titles and tags, changes nothing there, and removes its copies", async () => {
  const before = await world.run("library", "list", "--json");
  const { code, json } = await dev("shelf", "--archive", "moon.cbz", "--archive-id", "snail.cbz");
  expect(code).toBe(0);
  expect(json.runs).toMatchObject([
    { archive: "moon.cbz", result: { tags: ["file:moon.cbz", "files:3"], title: "moon!" } },
    {
      archive: "snail.cbz",
      result: { tags: ["of:snail", "file:snail.cbz", "files:2"], title: "Night snail!" },
    },
  ]);
  const script = await dev("lister", "--search", "night");
  expect(script.json.runs[0]).toMatchObject({
    result: { result: ["snail.cbz 2", "moon.cbz 3"] },
    changes: [{ tags: "changed" }, { tags: "changed" }],
  });
  expect((await world.run("library", "list", "--json")).json).toEqual(before.json);
  expect(await copies()).toEqual([]);
});

test("try runs on them too", async () => {
  const { code, json } = await world.run("try", "mine/shelf.ts", "--search", "night moon", "--json");
  expect([code, json.runs.length, json.runs[0].result.title]).toEqual([0, 1, "Night moon!"]);
});

test.each([
  [["--archive-id", "none.cbz"], 1, /There is no archive none\.cbz\.\nhint: .*hitagi library list/],
  [["--search", "day"], 1, /No archive of the server has day\.\nhint: .*hitagi library list/],
  [["--archive-id", "snail.cbz", "--server", "http://127.0.0.1:1"], 3, /127\.0\.0\.1:1/],
])("%j says what to do, and leaves no copy", async (more, expected, words) => {
  const { code, err } = await world.run("dev", "mine/shelf.ts", "--once", ...more);
  expect([code, err]).toEqual([expected, expect.stringMatching(words)]);
  expect(await copies()).toEqual([]);
});

test("the keys of the loop choose among them, and the test that one writes has what the server said", async () => {
  let shown = "";
  const ending = new AbortController();
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const write = (text: string) => (shown += text);
  const ended = runCli(["dev", "mine/shelf.ts", "--search", "night"], {
    stdout: { write, isTTY: true, columns: 100 },
    stderr: { write, isTTY: true },
    stdin,
    env: { NO_COLOR: "1", HITAGI_SERVER: world.server.address },
    cwd: world.folder,
    signal: ending.signal,
  });
  onTestFinished(async () => {
    ending.abort();
    await ended;
  });
  const until = (words: RegExp) => vi.waitFor(() => expect(shown).toMatch(words), { timeout: 90_000 });
  await until(/from the save to the result/);
  expect(shown).toMatch(/"file:snail\.cbz"[\s\S]*"file:moon\.cbz"/);
  shown = "";
  stdin.write("a");
  await until(/1 \* snail\.cbz\n {2}2 \* moon\.cbz/);
  stdin.write("2");
  await until(/1 \* snail\.cbz\n {2}2 {3}moon\.cbz/);
  shown = "";
  stdin.write("r");
  await until(/from the save to the result/);
  expect(shown).not.toContain("moon.cbz");
  stdin.write("t");
  await until(/Wrote a test into mine\/shelf\.test\.mjs/);
  expect(await readFile(path.join(world.folder, "mine/shelf.test.mjs"), "utf8")).toContain(
    'archive: { file: "samples/snail.cbz", title: "Night snail", tags: ["of:snail"], summary: "" }',
  );
  expect(await readdir(path.join(world.folder, "mine/samples"))).toEqual(["snail.cbz"]);
  stdin.write("q");
  expect(await ended).toBe(0);
  expect(await copies()).toEqual([]);
});
