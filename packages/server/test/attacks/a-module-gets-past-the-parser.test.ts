import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { importMap } from "../../src/runtimes/deno/import-map.ts";
import { denoBinary } from "../../src/runtimes/deno/locate.ts";
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
  const { stdout, stderr } = spawnSync(denoBinary(), args, { encoding: "utf8", env: {}, timeout: 20_000 });
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
