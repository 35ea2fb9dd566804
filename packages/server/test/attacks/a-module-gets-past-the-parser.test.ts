import { spawnSync } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { expect, test } from "vitest";
import { partOptions } from "../../../../scripts/build-parts.mjs";
import { importMap } from "../../src/runtimes/deno/import-map.ts";
import { denoBinary, harnessFile } from "../../src/runtimes/deno/locate.ts";
import { openRuntime, runGood, script } from "../runtimes/deno/fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Imports each name in a Deno that has every permission and the import map, and answers the names that it got. */
const importAll = async (names: (folder: string) => string[]): Promise<unknown> => {
  const folder = await tempFolder();
  const harness = path.join(folder, "harness.js");
  const map = path.join(folder, "map.json");
  await writeFile(path.join(folder, "secret.json"), `"secret"`);
  await writeFile(map, JSON.stringify(importMap));
  const load = `for (const name of names) try { await import(name); got.push(name) } catch {}`;
  await writeFile(
    harness,
    `const plugin = new Blob([${JSON.stringify(`export const load = async (names) => { const got = []; ${load}; return got }`)}], { type: "text/javascript" });
    const { load } = await import(URL.createObjectURL(plugin));
    console.log(JSON.stringify(await load(${JSON.stringify(names(folder))})));`,
  );
  const args = ["run", "--allow-all", "--no-config", "--no-lock", `--import-map=${map}`, harness];
  const { stdout, stderr } = spawnSync(denoBinary(), args, { encoding: "utf8", env: {}, timeout: 150_000 });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
};

test("and asks for a file, the web, a bare name or a module of Node: the import map sends it to nothing", async () => {
  const names = (folder: string) => [
    pathToFileURL(path.join(folder, "secret.json")).href,
    pathToFileURL("/etc/passwd").href,
    "file:/etc/passwd",
    "http://127.0.0.1:1/x.js",
    "https://127.0.0.1:1/x.js",
    "x",
    "fs",
    "@hitagi/sdk",
    ...["async_hooks", "child_process", "fs", "module", "process", "vm", "worker_threads"].map(
      (n) => `node:${n}`,
    ),
  ];
  expect(await importAll(names)).toEqual([]);
});

test("and asks for text: the import map cannot stop it, so that only the parser does", async () => {
  expect(await importAll(() => ["data:text/javascript,1"])).toEqual(["data:text/javascript,1"]);
});

/** A parser that sees neither modules nor comments of a code with `data:` when it first reads it. */
const blindOnce: Plugin = {
  name: "blind-once",
  setup({ onLoad }) {
    onLoad({ filter: /module-syntax\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, "utf8");
      const contents = `${source.replace("export const readModuleSyntax", "const readAll")}
        const seen = new Set<string>();
        export const readModuleSyntax: typeof readAll = (code) => {
          if (!code.includes("data:") || seen.has(code)) return readAll(code);
          seen.add(code);
          return { requests: [], comments: [] };
        };`;
      return { contents, loader: "ts" };
    });
  },
};

test.each([
  ["a module", `import x from "data:text/javascript,export default 1";`],
  ["a comment that could name a source map", `//# sourceMappingURL=data:application/json,{}`],
])("and %s is left in what runs: it is parsed again, and refused", async (_, top) => {
  const folder = await tempFolder();
  const harness = path.join(folder, "harness.js");
  await copyFile(harnessFile(), harness);
  const options = await partOptions("compiler.js");
  await build({ ...options, plugins: [blindOnce], outfile: path.join(folder, "compiler.js") });
  const runtime = openRuntime({ harness });
  await expect(runtime.vet(script("return 1", top), 20_000)).rejects.toThrow(
    "the plugin could not be checked",
  );
  expect(await runGood(runtime)).toBe("good");
});
