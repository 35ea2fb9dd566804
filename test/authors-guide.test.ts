import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { Manifest } from "@hitagi/contract";
import { expect, test } from "vitest";
import { tsconfig } from "../packages/server/src/kit/scaffold/project-files.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";

const root = path.resolve(import.meta.dirname, "..");
const guide = () => readFile(path.join(root, "docs/guide-authors.md"), "utf8");

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, code]) => code ?? "");

test("every field of the manifest is in the guide's table", async () => {
  const text = await guide();
  const missing = Object.keys(Manifest.properties).filter((field) => !text.includes(`| \`${field}\` |`));
  expect(missing).toEqual([]);
});

test("every plugin in the guide compiles with the configuration of a new plugin", async () => {
  const text = await guide();
  const folder = await tempFolder();
  const sdk = path.join(root, "packages/sdk/src/index.ts");
  const config = tsconfig().replace("./vendor/hitagi-sdk/src/index.ts", sdk);
  await writeFile(path.join(folder, "tsconfig.json"), config);
  // The package that the guide installs.
  await mkdir(path.join(folder, "node_modules/slugify"), { recursive: true });
  await writeFile(path.join(folder, "node_modules/slugify/package.json"), '{ "types": "./index.d.ts" }');
  await writeFile(
    path.join(folder, "node_modules/slugify/index.d.ts"),
    "export default function slugify(text: string, options?: { lower?: boolean }): string;\n",
  );
  const plugins = blocks(text, "ts");
  expect(plugins.length).toBeGreaterThan(3);
  for (const [index, code] of plugins.entries())
    await writeFile(path.join(folder, `plugin-${index}.ts`), code);
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  const compiled = promisify(execFile)(process.execPath, [compiler, "-p", folder]);
  await expect(compiled.catch((error: { stdout: string }) => error)).resolves.toMatchObject({ stdout: "" });
});

test("the guide's plugin in Perl is the one of the example registry", async () => {
  const [perl] = blocks(await guide(), "perl");
  const file = path.join(root, "examples/registry/plugins/metadata/info-file/1.0.0/InfoFile.pm");
  expect(perl).toBe(await readFile(file, "utf8"));
});

test("the guide names every function of LANraragi's that Perl plugins can call, and no other", async () => {
  const lib = path.join(root, "packages/server/src/runtimes/perl/lib");
  const files = await readdir(path.join(lib, "LANraragi"), { recursive: true });
  const text = await guide();
  for (const file of files.filter((name) => name.endsWith(".pm"))) {
    const source = await readFile(path.join(lib, "LANraragi", file), "utf8");
    const module = /^package (\S+);/m.exec(source)?.[1] ?? "";
    // Functions that only read a setting stand in a table.
    const functions = [...source.matchAll(/^sub ([a-z]\w*)|^ {2}(\w+) +=> '\w+',$/gm)].map(
      ([, name, reader]) => name ?? reader,
    );
    const [, row = ""] = new RegExp(`^\\| \`${module}\` \\| (.*)$`, "m").exec(text) ?? [];
    const named = [...row.matchAll(/`(\w+)`/g)]
      .map(([, name]) => name)
      .filter((name) => name?.includes("_") || functions.includes(name));
    expect(named.sort(), module).toEqual(functions.sort());
  }
});
