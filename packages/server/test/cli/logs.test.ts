import { writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { openCliWorld, type World } from "./cli-world.ts";

const chatty = pluginText(
  "chatty",
  "1.0.0",
  "script",
  `async run(ctx) { ctx.log[ctx.arg === "warn" ? "warn" : "info"]("said " + ctx.arg); if (ctx.arg === "fail") throw new Error("no luck"); },`,
);

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await writeFile(path.join(world.folder, "chatty.ts"), chatty);
  expect((await world.run("sideload", "chatty.ts")).code).toBe(0);
});
afterAll(() => world.close());

it("shows the log of the server without a plugin, which has no jobs and archives", async () => {
  const empty = await world.run("logs");
  expect([empty.code, empty.out]).toEqual([
    0,
    expect.stringMatching(/^The server on \S+ has logged nothing/),
  ]);
  const wrong = await world.run("logs", "--job", "1");
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("--job needs a plugin.")]);
  expect((await world.run("logs", "--json")).json).toMatchObject({ items: [], more: false });
});

it("says that a plugin has logged nothing, or is not installed", async () => {
  expect((await world.run("logs", "chatty")).out).toBe("chatty has logged nothing that matches.\n");
  const unknown = await world.run("logs", "nobody");
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("nobody")]);
});

it("shows lines with time, zone, level and server, and what failed with its place", async () => {
  await world.run("run", "chatty", "--arg", "one");
  const ran = await world.run("run", "chatty", "--arg", "fail");
  expect(ran.err).toContain("hint: `hitagi logs chatty` shows its log and where it failed.");
  const { out } = await world.run("logs", "chatty");
  const [one, two, failed, at] = out.split("\n");
  expect(one).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d info {2}said one {2}\[\S+\]$/);
  expect(two).toContain("said fail");
  expect(failed).toContain("error The call failed (PLUGIN_FAILED): no luck");
  expect(at).toMatch(/^ {4}at .*run .*chatty\.ts:\d+:\d+/);
});

it("is narrowed by level and time, and is JSON for programs", async () => {
  await world.run("run", "chatty", "--arg", "warn");
  const warnings = (await world.run("logs", "chatty", "--level", "warn", "--json")).json;
  expect(warnings.items.map((line: { text: string }) => line.text)).toContain("said warn");
  expect(warnings.items.every((line: { level: string }) => line.level !== "info")).toBe(true);
  const one = await world.run("logs", "chatty", "--lines", "1", "--since", "today");
  expect(one.out.trimEnd().split("\n")).toHaveLength(1);
  expect(one.err).toContain("Older lines match too.");
  const wrong = await world.run("logs", "chatty", "--follow", "--until", "1h");
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("--until")]);
});

it("shows what happened during one call that stores its result", async () => {
  const tagger = pluginText(
    "tagger",
    "1.0.0",
    "metadata",
    `getTags(ctx) { ctx.log.info("tags it"); return { tags: ["done"] }; },`,
  );
  await writeFile(path.join(world.folder, "tagger.ts"), tagger);
  await world.run("sideload", "tagger.ts");
  await writeFile(path.join(world.folder, "one.cbz"), cbz("one"));
  await world.run("library", "add", "one.cbz");
  const shown = () => world.run("library", "show", "one.cbz", "--json");
  const { out } = await world.run("run", "tagger", "--archive", "one.cbz", "--debug");
  expect(out).toContain("tags it");
  expect((await shown()).json.tags).toBe("");
  const applied = await world.run("run", "tagger", "--archive", "one.cbz", "--debug", "--apply");
  expect([applied.code, applied.out]).toEqual([0, expect.stringMatching(/new_tags: "done"[\s\S]*tags it/)]);
  expect((await shown()).json.tags).toBe("done");
  const { json } = await world.run("history", "--archive", "one.cbz", "--plugin", "tagger", "--json");
  expect(json.items).toMatchObject([{ action: "use_plugin", subject: { kind: "plugin", id: "tagger" } }]);
});

it("follows: the newest lines, then each new one", async () => {
  const stopping = new AbortController();
  let out = "";
  const code = runCli(["logs", "chatty", "--follow", "--lines", "1", "--json"], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: () => {} },
    stdin: new PassThrough(),
    env: { HITAGI_SERVER: world.server.address },
    cwd: world.folder,
    signal: stopping.signal,
  });
  onTestFinished(() => stopping.abort());
  const texts = () => out.split("\n").flatMap((line) => (line ? JSON.parse(line).text : []));
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  await world.run("run", "chatty", "--arg", "later");
  await vi.waitFor(() => expect(texts().slice(1)).toEqual(["said later"]));
  stopping.abort();
  expect(await code).toBe(0);
});

it("shows what happened during one call, also if it failed", async () => {
  const fine = await world.run("run", "chatty", "--arg", "one", "--debug");
  expect(fine.code).toBe(0);
  expect(fine.out).toMatch(/Log:\n {2}\d\d:\d\d:\d\d info {2}said one\nRequests: none\nTime: \d+ ms /);
  const failed = await world.run("run", "chatty", "--arg", "fail", "--debug");
  expect([failed.code, failed.err]).toEqual([1, expect.stringContaining("no luck")]);
  expect(failed.out).toMatch(/^No result\.\n[\s\S]*Stack:\n {2}at .*run .*chatty\.ts:\d+:\d+/);
  const { json } = await world.run("run", "chatty", "--arg", "one", "--debug", "--json");
  expect(json.debug.log).toMatchObject([{ level: "info", text: "said one" }]);
});

it("is named where a download plugin fails that was chosen by the address", async () => {
  const fails = 'async provideUrl() { throw new Error("no page"); },';
  const source = pluginText("fetcher", "1.0.0", "download", fails, 'url_regex: "^https://site[.]example/",');
  await writeFile(path.join(world.folder, "fetcher.ts"), source);
  expect((await world.run("sideload", "fetcher.ts")).code).toBe(0);
  const ran = await world.run("library", "add", "https://site.example/1");
  expect([ran.code, ran.err]).toEqual([
    1,
    expect.stringContaining("hint: `hitagi logs fetcher` shows its log and where it failed."),
  ]);
});
