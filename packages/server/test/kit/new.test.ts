import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { pluginTypes } from "@hitagi/contract";
import { beforeAll, expect, test } from "vitest";
import { runCaptured } from "../cli/cli-world.ts";
import { bundleServer } from "../support/serve-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { FIRST_PIPELINES } from "./first-pipelines.ts";

const root = path.resolve(import.meta.dirname, "../../../..");
const main = path.join(root, "packages/server/src/cli/main.ts");

let program: string;
beforeAll(async () => {
  program = await bundleServer(main);
});

const run = (command: string, args: string[], cwd: string) =>
  promisify(execFile)(command, args, {
    cwd,
    env: { ...process.env, HITAGI_PROGRAM: program, NODE_OPTIONS: "" },
  }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${error.stdout}\n${error.stderr}`);
  });

const tsc = path.join(root, "node_modules/typescript/bin/tsc");

test.each(
  pluginTypes.flatMap(
    (type) =>
      [
        [type, []],
        [type, ["api.example.org", "*.cdn.example.org"]],
      ] as const,
  ),
)(
  "a new %s plugin with the hosts %j compiles, passes its test, and has nothing to mend",
  async (type, net) => {
    const cwd = await tempFolder();
    const hosts = net.length > 0 ? ["--net", ...net] : [];
    const { code, json } = await runCaptured(
      ["new", "my-plugin", "--type", type, "--dir", "made/here", ...hosts, "--json"],
      { cwd },
    );
    expect([code, json.dir]).toEqual([0, path.join(cwd, "made/here")]);
    expect(json.files).toEqual(
      expect.arrayContaining([
        "my-plugin.ts",
        "my-plugin.test.mjs",
        "recordings/my-plugin.json",
        "tsconfig.json",
        "package.json",
        "README.md",
        ".github/workflows/check.yml",
        ".gitlab-ci.yml",
        ".forgejo/workflows/check.yml",
      ]),
    );
    const folder = path.join(cwd, "made/here");
    await run(process.execPath, [tsc, "-p", folder], folder);
    const { stdout } = await run(process.execPath, ["--test"], folder);
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(0);
    const checked = await runCaptured(["check", "my-plugin.ts", "--json"], { cwd: folder });
    expect(checked.json.findings).toEqual([]);
  },
);

test.each([
  [["new", "My Plugin", "--type", "script"], /no namespace[\s\S]*lower-case/],
  [["new", "x"], /No type[\s\S]*--type metadata/],
  [["new"], /No name/],
  [["new", "x", "--type", "script", "--net", "https://example.org/"], /no host[\s\S]*without https/],
])("%j writes nothing, and says what to do", async (argv, words) => {
  const cwd = await tempFolder();
  const { code, err } = await runCaptured(argv, { cwd });
  expect([code, err]).toEqual([2, expect.stringMatching(words)]);
  expect(await readdir(cwd)).toEqual([]);
});

test("in a terminal it asks for what the options leave open", async () => {
  const cwd = await tempFolder();
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  let asked = "";
  const stderr = { write: (text: string) => (asked += text), isTTY: true };
  stdin.write("site-tags\nmetadata\napi.example.org, *.example.org\n");
  const { code } = await runCaptured(["new"], { cwd, stdin, stderr });
  expect(code).toBe(0);
  expect(asked).toMatch(/Name .*Type .*Hosts /s);
  expect(await readFile(path.join(cwd, "site-tags/site-tags.ts"), "utf8")).toContain(
    'permissions: { net: ["api.example.org", "*.example.org"] },',
  );
});

test("a folder that holds something stays as it was", async () => {
  const cwd = await tempFolder();
  await mkdir(path.join(cwd, "taken"));
  await writeFile(path.join(cwd, "taken", "mine.txt"), "mine");
  const { code, err } = await runCaptured(["new", "x", "--type", "script", "--dir", "taken"], { cwd });
  expect([code, err]).toEqual([1, expect.stringMatching(/not empty[\s\S]*--dir/)]);
  expect(await readdir(cwd)).toEqual(["taken"]);
  expect(await readdir(path.join(cwd, "taken"))).toEqual(["mine.txt"]);
});

test("--update brings the SDK to a plugin that was written before there was a scaffold, and keeps its files", async () => {
  const cwd = await tempFolder();
  const config =
    '{\n  // mine\n  "compilerOptions": { "strict": true, "noEmit": true, "module": "preserve", "target": "es2023", "lib": ["es2023", "dom"], "types": [], "allowImportingTsExtensions": true, "paths": { "@hitagi/sdk": ["../hitagi/packages/sdk/src/index.ts"] } },\n  "include": ["*.ts"]\n}\n';
  await writeFile(path.join(cwd, "tsconfig.json"), config);
  const source =
    'import type { ScriptPlugin } from "@hitagi/sdk";\nexport default { namespace: "old", type: "script", name: "Old", version: "1.0.0", author: "me", description: "Is older.", run: () => 1 } satisfies ScriptPlugin;\n';
  await writeFile(path.join(cwd, "old.ts"), source);
  const { code, json } = await runCaptured(["new", "--update", "--dir", ".", "--json"], { cwd });
  expect([code, json.done.length]).toEqual([0, 2]);
  const updated = await readFile(path.join(cwd, "tsconfig.json"), "utf8");
  expect(updated).toContain("// mine");
  expect(updated).toContain("./vendor/hitagi-sdk/src/index.ts");
  expect(await readFile(path.join(cwd, "old.ts"), "utf8")).toBe(source);
  await run(process.execPath, [tsc, "-p", cwd], cwd);
  // A version before had more files.
  await writeFile(path.join(cwd, "vendor/hitagi-sdk/src/gone.ts"), "export const gone = 1;\n");
  await symlink(path.join(cwd, "old.ts"), path.join(cwd, "vendor/hitagi-sdk/old.ts"));
  const again = await runCaptured(["new", "--update", "--dir", ".", "--json"], { cwd });
  const sdk = await readdir(path.join(cwd, "vendor/hitagi-sdk"), { recursive: true });
  expect(sdk.filter((name) => /gone|old/.test(name))).toEqual([]);
  expect(sdk).toContain(path.join("src", "index.ts"));
  expect(await readFile(path.join(cwd, "old.ts"), "utf8")).toBe(source);
  expect(again.json.done).toEqual(["replaces the SDK by the one of this version"]);
  expect(await readFile(path.join(cwd, "tsconfig.json"), "utf8")).toBe(updated);
});

test("--update brings pipelines of an older version to today's, and leaves those that are edited or gone", async () => {
  const cwd = await tempFolder();
  const update = () => runCaptured(["new", "--update", "--dir", "my-plugin", "--json"], { cwd });
  const made = path.join(cwd, "my-plugin");
  await runCaptured(["new", "my-plugin", "--type", "script"], { cwd });
  const read = (name: string) => readFile(path.join(made, name), "utf8");
  const today = await Promise.all(Object.keys(FIRST_PIPELINES).map(read));
  const manifest = await read("package.json");
  await writeFile(path.join(made, "package.json"), manifest.replace('"scaffold": 3', '"scaffold": 1'));
  for (const [name, text] of Object.entries(FIRST_PIPELINES)) await writeFile(path.join(made, name), text);
  await rm(path.join(made, ".forgejo"), { recursive: true });
  const { code, json } = await update();
  expect([code, json.done, json.left]).toEqual([
    0,
    [
      "replaces .github/workflows/check.yml by the pipeline of this version",
      "replaces .gitlab-ci.yml by the pipeline of this version",
      "replaces the SDK by the one of this version",
    ],
    [],
  ]);
  expect(await Promise.all(Object.keys(FIRST_PIPELINES).map(read))).toEqual(today);
  expect(await readdir(made)).not.toContain(".forgejo");
  expect(await read("package.json")).toBe(manifest);

  await writeFile(path.join(made, "package.json"), manifest.replace('"scaffold": 3', '"scaffold": 1'));
  const mine = `${FIRST_PIPELINES[".gitlab-ci.yml"]}    - npm run more\n`;
  await writeFile(path.join(made, ".gitlab-ci.yml"), mine);
  const edited = await update();
  expect([edited.json.done.length, edited.json.left, await read(".gitlab-ci.yml")]).toEqual([
    1,
    [".gitlab-ci.yml"],
    mine,
  ]);
});

test("a folder that a newer version made is left alone", async () => {
  const cwd = await tempFolder();
  await writeFile(path.join(cwd, "package.json"), '{ "hitagi": { "scaffold": 99 } }');
  const { code, err } = await runCaptured(["new", "--update", "--dir", "."], { cwd });
  expect([code, err]).toEqual([1, expect.stringMatching(/newer version[\s\S]*Update Hitagi first/)]);
  expect(await readdir(cwd)).toEqual(["package.json"]);
});
