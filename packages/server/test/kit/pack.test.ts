import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { runCaptured } from "../cli/cli-world.ts";
import { tempFolder } from "../support/temp-folder.ts";

const PLUGIN = `import { shout } from "shouting";
import type { ScriptPlugin } from "@hitagi/sdk";

export default {
  namespace: "shouts",
  type: "script",
  name: "Shouts",
  version: "1.0.0",
  author: "me",
  description: "Answers its argument in capitals.",
  run: ({ arg }) => shout(arg),
} satisfies ScriptPlugin;
`;

const openFolder = async (plugin = PLUGIN): Promise<string> => {
  const folder = await tempFolder();
  const modules = path.join(folder, "node_modules", "shouting");
  await mkdir(modules, { recursive: true });
  await writeFile(
    path.join(modules, "package.json"),
    '{ "name": "shouting", "version": "2.1.0", "type": "module", "exports": "./index.js", "license": "MIT" }',
  );
  await writeFile(
    path.join(modules, "index.js"),
    "export const shout = (text) => {\n  if (!text) throw new Error('say something');\n  return text.toUpperCase();\n};\n",
  );
  await writeFile(path.join(modules, "LICENSE"), "Permission is granted to shout. */ ");
  await writeFile(path.join(folder, "shouts.ts"), plugin);
  return folder;
};

const pack = (cwd: string, ...more: string[]) =>
  runCaptured(["pack", "shouts.ts", "--out", "out/shouts.js", ...more, "--json"], { cwd });

test("a plugin and its packages become one file, with their licences, the same each time", async () => {
  const folder = await openFolder();
  const { code, json } = await pack(folder);
  expect(code).toBe(0);
  expect(json).toMatchObject({
    isBundled: true,
    packages: [{ name: "shouting", version: "2.1.0", licence: "MIT" }],
    weight: [{ name: "shouts.ts" }, { name: "shouting" }],
    manifest: { namespace: "shouts", version: "1.0.0" },
  });
  const first = await readFile(path.join(folder, "out/shouts.js"), "utf8");
  expect(first).toContain("shouting 2.1.0 (MIT)\n *\n * Permission is granted to shout. * /\n */");
  expect(first).not.toContain(folder);
  const again = await openFolder();
  expect((await pack(again)).json.sha256).toBe(json.sha256);
});

test("a file that is not of this plugin is replaced only with --yes", async () => {
  const folder = await openFolder();
  expect((await pack(folder)).code).toBe(0);
  expect((await pack(folder)).code).toBe(0);
  const other = path.join(folder, "out/shouts.js");
  await writeFile(other, "export const mine = 1;\n");
  const refused = await pack(folder);
  expect([refused.code, refused.json.hint]).toEqual([1, "Repeat the command with --yes to replace it."]);
  expect(await readFile(other, "utf8")).toBe("export const mine = 1;\n");
  expect((await pack(folder, "--yes")).code).toBe(0);
});

test("the bytes do not tell where the packages are installed", async () => {
  const near = await openFolder();
  const above = await openFolder();
  const inner = path.join(above, "plugins/shouts");
  await mkdir(inner, { recursive: true });
  await rename(path.join(above, "shouts.ts"), path.join(inner, "shouts.ts"));
  for (const folder of [near, above]) {
    const old = path.join(folder, "node_modules", "old");
    await mkdir(old);
    await writeFile(path.join(old, "package.json"), '{ "name": "old", "version": "1.0.0" }');
    await writeFile(path.join(old, "index.js"), "module.exports = (text) => text + 1;\n");
  }
  for (const folder of [near, inner])
    await writeFile(
      path.join(folder, "shouts.ts"),
      PLUGIN.replace("shout(arg)", "old(shout(arg))").replace("import ", 'import old from "old";\nimport '),
    );
  for (const more of [[], ["--source-map"]])
    expect((await pack(inner, ...more)).json.sha256).toBe((await pack(near, ...more)).json.sha256);
  const packed = await readFile(path.join(inner, "out/shouts.js"), "utf8");
  expect(packed).toContain("// node_modules/shouting/index.js");
  expect(packed).toContain('"node_modules/old/index.js"(');
});

test("the bundle runs, and with a source map a failure names the line of the package", async () => {
  const folder = await openFolder();
  await pack(folder, "--source-map");
  const ran = await runCaptured(["try", "out/shouts.js", "--arg", "quiet", "--json"], { cwd: folder });
  expect([ran.code, ran.json.runs[0].result]).toEqual([0, { result: "QUIET" }]);
  const failed = await runCaptured(["try", "out/shouts.js", "--json"], { cwd: folder });
  expect(failed.code).toBe(1);
  expect(failed.json.runs[0].failure).toMatchObject({
    message: "say something",
    place: { file: expect.stringContaining("node_modules/shouting/index.js"), line: 2 },
  });
});

test("a file without imports is packed as it is", async () => {
  const text = PLUGIN.replace(/^import \{ shout.*$/m, "").replace("shout(arg)", "arg");
  const folder = await openFolder(text);
  await pack(folder);
  expect(await readFile(path.join(folder, "out/shouts.js"), "utf8")).toBe(text);
});

test.each([
  [
    "an import that is missing",
    PLUGIN.replace('"shouting"', '"whispering"'),
    "bundle",
    /npm install whispering/,
  ],
  ["a syntax error", PLUGIN.replace("run:", "run"), "bundle", /Correct the line/],
  ["a secret", `const key = "${"ghp_"}${"a1B2".repeat(9)}";\n${PLUGIN}`, "secret-in-source", /type "secret"/],
  ["a wrong manifest", PLUGIN.replace('version: "1.0.0"', 'version: "one"'), "manifest", /guide-authors/],
])("%s is refused with its place, and nothing is written", async (_, plugin, rule, hint) => {
  const folder = await openFolder(plugin);
  const before = await readdir(folder);
  const { code, json } = await pack(folder);
  expect(code).toBe(1);
  expect(json.findings).toMatchObject([{ file: "shouts.ts", rule, hint: expect.stringMatching(hint) }]);
  expect(await readdir(folder)).toEqual(before);
});

test("a folder without rights is named, and no part of a file stays", async () => {
  const folder = await openFolder();
  await writeFile(path.join(folder, "out"), "a file");
  const { code, err } = await runCaptured(["pack", "shouts.ts", "--out", "out/x.js"], { cwd: folder });
  expect([code, err]).toEqual([1, expect.stringMatching(/out cannot be used: .*\nhint: /)]);
});
