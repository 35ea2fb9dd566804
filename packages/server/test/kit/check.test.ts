import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkPlugin } from "../../src/kit/check/check-plugin.ts";
import { checks } from "../../src/kit/check/checks/all.ts";
import { findForOwners } from "../../src/kit/check/for-owners.ts";
import { openSandbox, type Sandbox } from "../../src/kit/sandbox.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Example, examples, recorded, sampled } from "./check-examples.ts";

const root = path.resolve(import.meta.dirname, "../../../..");

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());

const write = async ({ files }: Example): Promise<string> => {
  const folder = await tempFolder();
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return folder;
};

const rulesOf = async (example: Example): Promise<string[]> => {
  const folder = await write(example);
  // The compiler that an author installs beside a plugin.
  if (example.files["tsconfig.json"]) {
    await mkdir(path.join(folder, "node_modules"));
    await symlink(path.join(root, "node_modules/typescript"), path.join(folder, "node_modules/typescript"));
  }
  const { findings } = await checkPlugin(sandbox, path.join(folder, example.checked ?? "plugin.ts"), folder);
  for (const finding of findings) {
    expect(finding.file).not.toMatch(/^\.\.|^\//);
    expect(Math.min(finding.line, finding.column)).toBeGreaterThanOrEqual(1);
    expect(Math.min(finding.message.length, finding.hint.length)).toBeGreaterThan(10);
  }
  return findings.map(({ rule }) => rule);
};

test("each check has a good and a bad example", () => {
  expect(Object.keys(examples).sort()).toEqual(checks.map(({ rule }) => rule).sort());
});

test.each(Object.keys(examples))("%s finds its fault, and only that", async (rule) => {
  const example = examples[rule];
  expect(await rulesOf(example?.good ?? { files: {} })).not.toContain(rule);
  expect(await rulesOf(example?.bad ?? { files: {} })).toContain(rule);
});

test.each(["broad-host", "secret-setting", "unused-right", "url-regex"])(
  "%s is told to owners from the published file alone, and the good example has nothing to tell",
  async (rule) => {
    const told = async (example: Example | undefined) => {
      const file = path.join(await write(example ?? { files: {} }), "plugin.ts");
      const plugin = await sandbox.load("plugin.ts", await readFile(file));
      const found = await findForOwners(plugin);
      sandbox.retire(plugin);
      return found.map((one) => one.rule);
    };
    expect(await told(examples[rule]?.bad)).toContain(rule);
    expect(await told(examples[rule]?.good)).toEqual([]);
  },
);

test("the checks for owners are those that need no sources and no runs", () => {
  const forOwners = checks.filter(({ isForOwners }) => isForOwners).map(({ rule }) => rule);
  expect(forOwners).toEqual(["size", "secret-setting", "broad-host", "url-regex", "unused-right"]);
});

test("the command prints findings with their places, and fails where one is an error", async () => {
  const folder = await write(examples["unhandled-error"]?.bad ?? { files: {} });
  const { code, json } = await runCaptured(["check", "plugin.ts", "--json"], { cwd: folder });
  expect(code).toBe(1);
  expect(json.findings).toEqual([
    {
      file: "plugin.ts",
      line: 11,
      column: expect.any(Number),
      rule: "unhandled-error",
      severity: "error",
      message: expect.stringMatching(/^It fails on an empty archive with a TypeError: /),
      hint: expect.any(String),
    },
  ]);
  const asText = await runCaptured(["check", "."], { cwd: folder });
  expect(asText.out).toMatch(/^plugin\.ts:11:\d+ error unhandled-error\n {2}It fails on an empty archive/);
  expect([asText.code, asText.err]).toEqual([1, expect.stringContaining("1 error.")]);
});

test.each([
  ["hangs", "for (;;);", 10],
  ["unhandled-error", "answer.missing.length;", 14],
  ["wrong-result", "return { tags: [1] };", 10],
  ["failed-sample", 'throw new Error("No answer.");', 14],
])(
  "what fails only after a good answer of its site is found on the samples: %s",
  async (rule, code, line) => {
    const folder = await write(sampled(code));
    const { code: ended, json } = await runCaptured(["check", "plugin.ts", "--json"], { cwd: folder });
    expect(ended).toBe(1);
    expect(json.findings).toMatchObject([
      {
        file: "plugin.ts",
        line,
        rule,
        severity: "error",
        message: expect.stringContaining("on samples/comic.cbz"),
      },
    ]);
  },
);

const findingsOf = async (example: Example) => {
  const folder = await write(example);
  return (await runCaptured(["check", "plugin.ts", "--json"], { cwd: folder })).json.findings;
};

test.each([
  ["script", [{ arg: "snail" }], "with the argument snail"],
  [
    "download",
    [{ url: "https://api.example.org/works/snail" }],
    "on the address https://api.example.org/works/snail",
  ],
  // The author recorded answers only: the address is one of theirs.
  ["download", [], "on the address https://api.example.org/works/snail"],
] as const)("a %s plugin given %j runs on what its author recorded, %s", async (type, inputs, on) => {
  expect(await findingsOf(recorded(type, "", [...inputs]))).toEqual([]);
  expect(await findingsOf(recorded(type, "answer.missing.length;", [...inputs]))).toMatchObject([
    { line: 10, rule: "unhandled-error", severity: "error", message: expect.stringContaining(on) },
  ]);
  expect(await findingsOf(recorded(type, "for (;;);", [...inputs]))).toMatchObject([{ rule: "hangs" }]);
  const refused = await findingsOf(recorded(type, 'throw new Error("No answer.");', [...inputs]));
  expect(refused).toMatchObject([
    { rule: "failed-sample", severity: inputs.length > 0 ? "error" : "warning" },
  ]);
});

test("a script without a recorded argument is warned of, because it may need one", async () => {
  const found = await findingsOf(recorded("script", "", []));
  expect(found).toMatchObject([
    {
      rule: "failed-sample",
      severity: "warning",
      message: expect.stringContaining("with the recorded answers"),
    },
  ]);
});

test("a folder of plugins with one configuration is compiled once, and each error is told of its plugin", async () => {
  const good = examples.types?.good.files ?? {};
  const folder = await write({
    files: {
      ...good,
      "bad.ts": String(examples.types?.bad.files["plugin.ts"]).replace('"example"', '"other"'),
    },
  });
  // A compiler that notes its calls.
  await mkdir(path.join(folder, "node_modules/typescript/bin"), { recursive: true });
  await writeFile(path.join(folder, "node_modules/typescript/package.json"), '{ "name": "typescript" }');
  const compiler = JSON.stringify(path.join(root, "node_modules/typescript/bin/tsc"));
  const calls = path.join(folder, "calls");
  await writeFile(
    path.join(folder, "node_modules/typescript/bin/tsc"),
    `require("node:fs").appendFileSync(${JSON.stringify(calls)}, "x");
     process.exitCode = require("node:child_process").spawnSync(process.execPath, [${compiler}, ...process.argv.slice(2)], { stdio: "inherit" }).status;`,
  );
  const { json } = await runCaptured(["check", ".", "--json"], { cwd: folder });
  expect(json.findings).toMatchObject([{ file: "bad.ts", line: 1, rule: "types" }]);
  expect(await readFile(calls, "utf8")).toBe("x");
});

test("a plugin that the tsconfig.json leaves out is told of, and has no points for its types", async () => {
  const good = examples.types?.good.files ?? {};
  const config = String(good["tsconfig.json"]).replace('"*.ts"', '"src/*.ts"');
  const folder = await write({ files: { ...good, "tsconfig.json": config } });
  await mkdir(path.join(folder, "node_modules"), { recursive: true });
  await symlink(path.join(root, "node_modules/typescript"), path.join(folder, "node_modules/typescript"));
  const { code, json } = await runCaptured(["check", "plugin.ts", "--score", "--json"], { cwd: folder });
  expect([code, json.findings]).toMatchObject([
    0,
    [{ file: "plugin.ts", rule: "types", severity: "warning", hint: expect.stringContaining('"plugin.ts"') }],
  ]);
  expect(json.plugins[0].score.parts.at(-1)).toMatchObject({ name: "types", points: 5 });
});

test("a sample whose answer is not recorded is a warning", async () => {
  const { files } = sampled("");
  const folder = await write({
    files: { ...files, "recordings/plugin.json": '{ "version": 1, "exchanges": [] }' },
  });
  const { code, json } = await runCaptured(["check", "plugin.ts", "--json"], { cwd: folder });
  expect(code).toBe(0);
  expect(json.findings).toMatchObject([{ rule: "failed-sample", severity: "warning" }]);
});

test("the score of a good plugin names the reason of each point", async () => {
  const folder = await write(examples["wrong-result"]?.good ?? { files: {} });
  const { code, json, out } = await runCaptured(["check", "plugin.ts", "--score", "--json"], { cwd: folder });
  expect([code, json.findings]).toEqual([0, []]);
  const [{ score }] = json.plugins;
  expect(score.parts.map(({ name }: { name: string }) => name)).toEqual([
    "documented",
    "tested",
    "few rights",
    "quick",
    "answers errors",
    "types",
  ]);
  const sum = score.parts.reduce((points: number, part: { points: number }) => points + part.points, 0);
  expect(score.points).toBe(sum);
  expect(out).toContain("it asks for no rights");
});

test("two files with one namespace and version are an error of the second", async () => {
  const text = examples.manifest?.good.files["plugin.ts"] ?? "";
  const published = "artifacts/script/a/1.0.0/a.ts";
  const folder = await write({ files: { "a.ts": text, "b.ts": text, [published]: text } });
  const { code, json } = await runCaptured(["check", ".", "--json"], { cwd: folder });
  expect(code).toBe(1);
  // What a registry has published of a source is no second plugin.
  expect(json.findings).toMatchObject([{ file: "b.ts", rule: "namespace", severity: "error" }]);
});
