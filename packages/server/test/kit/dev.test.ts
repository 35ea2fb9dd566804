import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { archiveBytes } from "@hitagi/sdk/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { httpServer } from "../support/http-server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const plugin = (body: string, fields = ""): string => `export default {
  namespace: "my-plugin", type: "metadata", name: "My plugin", version: "1.0.0", author: "me",
  description: "Is written just now.",
  ${fields}
  async getTags(ctx) {
    ${body}
  },
};
`;

const openFolder = async (source: string): Promise<string> => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "my-plugin.ts"), source);
  await writeFile(path.join(folder, "comic.cbz"), archiveBytes({ pages: 2 }));
  return folder;
};

const emptyFolder = async (folder: string): Promise<string> => {
  const empty = path.join(folder, "empty");
  await mkdir(empty);
  return empty;
};

const once = (cwd: string, ...more: string[]) =>
  runCaptured(["dev", "my-plugin.ts", "--archive", "comic.cbz", "--once", "--json", ...more], { cwd });

/** Runs the loop until the test ends, and answers what it printed. */
const startLoop = (cwd: string, isTerminal: boolean) => {
  let out = "";
  let err = "";
  const ending = new AbortController();
  const stdin = Object.assign(new PassThrough(), { isTTY: isTerminal });
  const ended = runCli(["dev", "my-plugin.ts", "--archive", "comic.cbz"], {
    stdout: { write: (text) => (out += text), isTTY: isTerminal, columns: 100 },
    stderr: { write: (text) => (err += text), isTTY: isTerminal },
    stdin,
    env: { NO_COLOR: "1" },
    cwd,
    signal: ending.signal,
  });
  onTestFinished(async () => {
    ending.abort();
    await ended;
  });
  return {
    until: (words: RegExp) => vi.waitFor(() => expect(out + err).toMatch(words), { timeout: 90_000 }),
    lines: () => out.trim().split("\n"),
    type: (keys: string) => stdin.write(keys),
    ended,
  };
};

test("a run says what changed since the last one, which is kept beside the recordings", async () => {
  const folder = await openFolder(plugin('return { tags: ["a", "b"], title: "One" };'));
  const first = await once(folder);
  expect([first.code, first.json.problem]).toEqual([0, null]);
  expect(first.json.runs).toMatchObject([{ result: { tags: ["a", "b"], title: "One" }, changed: null }]);
  await writeFile(path.join(folder, "my-plugin.ts"), plugin('return { tags: ["b", "c"], title: "Two" };'));
  const second = await once(folder);
  expect(second.json.runs[0].changed).toEqual({
    added: ["c"],
    removed: ["a"],
    fields: [{ name: "title", before: "One", now: "Two" }],
    requestsAdded: [],
    requestsRemoved: [],
  });
  expect((await once(folder)).json.runs[0].changed).toMatchObject({ added: [], removed: [], fields: [] });
});

test("the network is recorded on the first run without secrets, replayed afterwards, and live on demand", async () => {
  let asked = 0;
  const address = await httpServer(({ headers }, response) => {
    asked++;
    response.setHeader("content-type", "application/json");
    response.setHeader("set-cookie", "session=abcdef");
    response.end(JSON.stringify({ tag: `n:${asked}`, you: headers.authorization }));
  });
  const { host } = new URL(address);
  const body = `const response = await fetch("http://${host}/tag?key=" + ctx.settings.token, { headers: { authorization: ctx.settings.token } });
    const { tag, you } = await response.json();
    return { tags: [tag, "you:" + (you === ctx.settings.token)] };`;
  const fields = `permissions: { net: ["${host}"] }, parameters: { token: { type: "secret", desc: "Token" } },`;
  const folder = await openFolder(plugin(body, fields));
  const token = ["--set", "token=very-secret-value"];
  const found = async (...more: string[]) => (await once(folder, ...token, ...more)).json.runs[0];
  expect((await found()).result.tags).toEqual(["n:1", "you:true"]);
  const again = await found();
  expect([again.result.tags, again.requests[0].recorded, asked]).toEqual([["n:1", "you:true"], true, 1]);
  const kept = await readFile(path.join(folder, "recordings/my-plugin.json"), "utf8");
  expect(kept).not.toMatch(/very-secret-value|session=/);
  expect(kept).toContain("{{token}}");
  expect((await found("--live")).result.tags).toEqual(["n:2", "you:true"]);
  expect((await found()).result.tags).toEqual(["n:2", "you:true"]);
});

test.each(["recordings", "recordings/my-plugin.json"])(
  "nothing is read or written through %s where it is a link",
  async (link) => {
    const address = await httpServer((_, response) => response.end("a"));
    const { host } = new URL(address);
    const body = `return { tags: [await (await fetch("http://${host}/")).text()] };`;
    const folder = await openFolder(plugin(body, `permissions: { net: ["${host}"] },`));
    const elsewhere = await tempFolder();
    const kept = path.join(elsewhere, "my-plugin.json");
    await writeFile(kept, '{ "version": 1, "exchanges": [] }');
    await mkdir(path.dirname(path.join(folder, link)), { recursive: true });
    await symlink(link === "recordings" ? elsewhere : kept, path.join(folder, link));
    const { code, err } = await runCaptured(["dev", "my-plugin.ts", "--archive", "comic.cbz", "--once"], {
      cwd: folder,
    });
    expect([code, err]).toEqual([1, expect.stringMatching(/recordings[\s\S]* is a link/)]);
    expect(await readdir(elsewhere)).toEqual(["my-plugin.json"]);
    expect(await readFile(kept, "utf8")).toBe('{ "version": 1, "exchanges": [] }');
  },
);

test("a failure has the line of the source, and the exit code is 1", async () => {
  const folder = await openFolder(plugin("return ctx.nothing.at.all;"));
  const { code, json } = await once(folder);
  expect(code).toBe(1);
  expect(json.runs[0].failure).toMatchObject({
    thrown: "TypeError",
    place: { file: "my-plugin.ts", line: 6 },
  });
  await writeFile(path.join(folder, "my-plugin.ts"), "export default {");
  const broken = await once(folder);
  expect([broken.code, broken.json.problem.place]).toEqual([
    1,
    { file: "my-plugin.ts", line: 1, column: 17 },
  ]);
});

test("without a terminal each save prints a line of JSON, and the last good version stays", async () => {
  const folder = await openFolder(plugin('return { tags: ["a"] };'));
  const loop = startLoop(folder, false);
  await loop.until(/"tags":\["a"\]/);
  await writeFile(path.join(folder, "my-plugin.ts"), "export default {");
  await loop.until(/"problem":\{/);
  await writeFile(path.join(folder, "my-plugin.ts"), plugin('return { tags: ["c"] };'));
  await loop.until(/"tags":\["c"\]/);
  const runs = loop.lines().map((line) => JSON.parse(line));
  expect(runs.find(({ problem }) => problem !== null)).toMatchObject({
    namespace: "my-plugin",
    version: "1.0.0",
    runs: [],
  });
});

test("a key writes a refused host into the manifest, another makes a test of the run, and q ends it", async () => {
  const address = await httpServer((_, response) => response.end("tag"));
  const { host } = new URL(address);
  const folder = await openFolder(
    plugin(`const response = await fetch("http://${host}/"); return { tags: [await response.text()] };`),
  );
  const loop = startLoop(folder, true);
  await loop.until(new RegExp(`Refused: .*permissions: \\{ net: \\["${host.replaceAll(".", "\\.")}"\\] \\}`));
  loop.type("w");
  await loop.until(/tags: 1\n {4}"tag"/);
  expect(await readFile(path.join(folder, "my-plugin.ts"), "utf8")).toContain(
    `  permissions: { net: ["${host}"] },\n  async getTags`,
  );
  loop.type("t");
  await loop.until(/Wrote a test into my-plugin\.test\.mjs/);
  const written = await readFile(path.join(folder, "my-plugin.test.mjs"), "utf8");
  expect(written).toContain('plugin.run({ archive: "comic.cbz" })');
  expect(written).toContain('assertTags(result, ["tag"]);');
  loop.type("q");
  expect(await loop.ended).toBe(0);
});

test("a save ends a run that does not end by itself, and q does too", async () => {
  let asked = 0;
  const address = await httpServer((_, response) => {
    asked++;
    response.setHeader("cache-control", "no-store");
    response.end("tag");
  });
  const { host } = new URL(address);
  const spinning = (path: string) =>
    plugin(`await fetch("http://${host}/${path}"); for (;;);`, `permissions: { net: ["${host}"] },`);
  const folder = await openFolder(spinning("first"));
  const loop = startLoop(folder, true);
  await vi.waitFor(() => expect(asked).toBe(1), { timeout: 90_000 });
  await writeFile(path.join(folder, "my-plugin.ts"), plugin('return { tags: ["good"] };'));
  await loop.until(/"good"/);
  expect(loop.lines().join("\n")).not.toMatch(/Failed|cancelled|time/i);
  await writeFile(path.join(folder, "my-plugin.ts"), spinning("second"));
  await vi.waitFor(() => expect(asked).toBe(2), { timeout: 90_000 });
  loop.type("q");
  expect(await loop.ended).toBe(0);
  expect(loop.lines().join("\n")).not.toMatch(/Failed/);
});

test.each([
  ['throw new Error("The site returned nothing.");', "Error"],
  ['throw new (class SiteFault extends Error { name = "SiteFault" })("none");', "SiteFault"],
  ["null.x;", "TypeError"],
  ['throw "a text";', null],
  ["return { tags: [1] };", null],
])("the class of what is thrown is told: %s", async (body, thrown) => {
  const { json } = await once(await openFolder(plugin(body)));
  expect(json.runs[0].failure.thrown).toBe(thrown);
});

test("type errors are told after the run, which they do not stop", async () => {
  const folder = await openFolder(`const n: number = "1";\n${plugin("return { tags: [String(n)] };")}`);
  await writeFile(
    path.join(folder, "tsconfig.json"),
    '{ "compilerOptions": { "strict": true, "noEmit": true, "target": "es2023", "types": [] }, "include": ["*.ts"] }',
  );
  await mkdir(path.join(folder, "node_modules"));
  const compiler = path.resolve(import.meta.dirname, "../../../../node_modules/typescript");
  await symlink(compiler, path.join(folder, "node_modules/typescript"));
  const loop = startLoop(folder, false);
  await loop.until(/"typeProblems"/);
  const [run, told] = loop.lines().map((line) => JSON.parse(line));
  expect(run.runs[0].result).toEqual({ tags: ["1"] });
  expect(told.typeProblems).toContainEqual(
    expect.objectContaining({ file: path.join(folder, "my-plugin.ts"), line: 1, column: 7 }),
  );
});

test("several archives may follow --archive, and each request is shown with its answer", async () => {
  const address = await httpServer((_, response) => response.end("tag"));
  const { host } = new URL(address);
  const folder = await openFolder(
    plugin(
      `const response = await fetch("http://${host}/x"); return { tags: [await response.text(), ctx.archive.title] };`,
      `permissions: { net: ["${host}"] },`,
    ),
  );
  await writeFile(path.join(folder, "other.cbz"), archiveBytes());
  const argv = ["dev", "my-plugin.ts", "--archive", "comic.cbz", "other.cbz", "--once"];
  const { code, out } = await runCaptured(argv, { cwd: folder });
  expect([code, out]).toEqual([0, expect.stringMatching(/comic\.cbz\n[\s\S]*"other"/)]);
  expect(out).toContain(`  200 GET http://${host}/x\n`);
  expect(out).toContain(`  200 GET http://${host}/x (recorded)\n`);
  const tried = await runCaptured(["try", ...argv.slice(1, -1), "--json"], { cwd: folder });
  expect(tried.json.runs.length).toBe(2);
});

test("a metadata plugin without an archive says how to name one", async () => {
  const folder = await openFolder(plugin("return {};"));
  const { code, err } = await runCaptured(["dev", "my-plugin.ts", "--once"], { cwd: folder });
  expect([code, err]).toEqual([2, expect.stringMatching(/--archive[\s\S]*samples/)]);
});

test("a folder stands for its one plugin, and one without is named", async () => {
  const folder = await openFolder(plugin('return { tags: ["a"] };'));
  const found = await runCaptured(["dev", ".", "--archive", "comic.cbz", "--once", "--json"], {
    cwd: folder,
  });
  expect([found.code, found.json.runs[0].result.tags]).toEqual([0, ["a"]]);
  const none = await runCaptured(["dev", "empty", "--once"], {
    cwd: path.dirname(await emptyFolder(folder)),
  });
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("has no plugin.\nhint: Name a file:")]);
});

test("a single run names no key, which it does not read", async () => {
  const folder = await openFolder(plugin('await fetch("https://example.org/").catch(() => {}); return {};'));
  const { out } = await runCaptured(["dev", "my-plugin.ts", "--archive", "comic.cbz", "--once"], {
    cwd: folder,
  });
  expect(out).toContain("The manifest asks with `permissions: { net: [");
  expect(out).not.toContain("w writes it");
  const tried = await runCaptured(["try", "my-plugin.ts", "--archive", "comic.cbz"], { cwd: folder });
  expect(tried.out).toContain("The manifest asks with `permissions: { net: [");
});
