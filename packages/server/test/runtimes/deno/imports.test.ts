import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { nodeModules } from "../../../src/runtimes/deno/import-map.ts";
import { denoBinary } from "../../../src/runtimes/deno/locate.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { request } from "../runtime-contract.ts";
import { runGood, script, sharedRuntime } from "./fixture.ts";

const shared = sharedRuntime();

const SECRET = "kept from plugins";

const secretFiles = async () => {
  const folder = await tempFolder();
  const files = { text: "secret.txt", json: "secret.json", code: "secret.js" };
  await writeFile(path.join(folder, files.text), SECRET);
  await writeFile(path.join(folder, files.json), JSON.stringify(SECRET));
  await writeFile(path.join(folder, files.code), `export default ${JSON.stringify(SECRET)}`);
  const url = (name: string) => pathToFileURL(path.join(folder, name)).href;
  return { text: url(files.text), json: url(files.json), code: url(files.code) };
};

describe("a plugin that imports", () => {
  test("no local file statically, as text, JSON, bytes or code", async () => {
    const runtime = shared();
    const { text, json, code } = await secretFiles();
    const tops = [
      `import secret from "${text}" with { type: "text" };`,
      `import secret from "${json}" with { type: "json" };`,
      `import secret from "${text}" with { type: "bytes" };`,
      `import secret from "${code}";`,
      `import * as secret from "${code}";`,
      `export * from "${code}"; const secret = 1;`,
      `import "${code}"; const secret = 1;`,
    ];
    for (const top of tops) {
      const check = runtime.vet(script("return secret", top), 20_000);
      await expect(check, top).rejects.toMatchObject({ code: "LOAD_FAILED" });
    }
    expect(await runGood(runtime)).toBe("good");
  });

  test.each([
    `import(name)`,
    `import("data:text/javascript,")`,
    `import ("x")`,
    `import/**/("x")`,
    `import/* ( */ /* */("x")`,
    `import// (\n("x")`,
    `import\u2028("x")`,
    `import.defer("x")`,
    `import . /**/ source("x")`,
    `[...import("x")]`,
    "`$" + `{import("x")}` + "`",
  ])("nothing at run time: %s", async (attempt) => {
    const check = shared().vet(script(`const name = "x"; return ${attempt}`), 20_000);
    await expect(check).rejects.toMatchObject({ code: "LOAD_FAILED" });
    await expect(check).rejects.toThrow(/line \d+: a plugin cannot import at run time/);
  });

  test.each([
    `import "data:text/javascript,";`,
    `import x from 'data:text/javascript,export default 1';`,
    `import x from/**/"DATA:text/javascript,export default 1";`,
    `export * from " da\tta:text/javascript,";`,
    String.raw`import "d\x61ta:text/javascript,";`,
    `import "blob:null/1";`,
  ])("no text as a module: %s", async (top) => {
    const check = shared().vet(script("return 1", top), 20_000);
    await expect(check).rejects.toThrow(/line 1: a plugin cannot import text as a module/);
  });

  test("but names its own place, and words like import in other places", async () => {
    const top = `const important = "imports (of goods) come from 'abroad'"; // re-imports later`;
    const call = shared().call(script("return [typeof import.meta, important.slice(0, 7)]", top), request());
    expect(await call).toEqual(["object", "imports"]);
  });

  test("none of Node's modules, however they are spelled", async () => {
    const odd = ["NODE:fs", " node:fs", "node:fs ", "nOdE:process", "node:%66s", "node:/fs", "node:fs?x"];
    const usual = [
      "node:fs",
      "node:process",
      "node:worker_threads",
      "node:module",
      "node:vm",
      "fs",
      "process",
    ];
    for (const name of [...usual, ...odd]) {
      const check = shared().vet(script("return 1", `import * as got from "${name}"; got.x;`), 20_000);
      await expect(check, name).rejects.toMatchObject({ code: "LOAD_FAILED" });
    }
    const named = shared().vet(script("return 1", `import fs from "node:fs"; fs.x;`), 20_000);
    await expect(named).rejects.toThrow("a plugin cannot import, and it imports node:fs");
  });

  test("the list of Node's modules is all that Deno has", async () => {
    const folder = await tempFolder();
    const file = path.join(folder, "list.mjs");
    await writeFile(
      file,
      `import { builtinModules } from "node:module"; console.log(JSON.stringify(builtinModules));`,
    );
    const output = execFileSync(denoBinary(), ["run", "--no-config", "--no-lock", "--no-remote", file], {
      env: {},
    });
    const has = (JSON.parse(output.toString()) as string[]).map((name) => name.replace(/^node:/, ""));
    expect(has.filter((name) => !nodeModules.includes(name))).toEqual([]);
  });

  test("nothing from elsewhere", async () => {
    const runtime = shared();
    const names = [
      "https://example.org/x.js",
      "http://127.0.0.1:1/x.js",
      "npm:left-pad",
      "jsr:@std/path",
      "ext:core/mod.js",
      "ext:deno_node/fs.ts",
      "ext:runtime_main/js/99_main.js",
      "deno:x",
      "internal:x",
      "./x.js",
      "/etc/passwd",
      "blob:null/0",
    ];
    for (const name of names) {
      const check = runtime.vet(script("return 1", `import * as got from "${name}"; got.x;`), 20_000);
      await expect(check, name).rejects.toMatchObject({ code: "LOAD_FAILED" });
    }
  });

  test("no local file as its source map", async () => {
    const folder = await tempFolder();
    const map = { version: 3, sources: ["file:///KEPT"], names: [], mappings: "AAAA;AAAA;AAAA;AAAA;AAAA" };
    await writeFile(path.join(folder, "kept.map"), JSON.stringify(map));
    const url = pathToFileURL(path.join(folder, "kept.map")).href;
    for (const comment of [
      `//# sourceMappingURL=${url}`,
      `//@ sourceMappingURL=${url}`,
      `//# sourceURL=${url}`,
    ]) {
      const code = script(`return new Error("x").stack`, "");
      const source = Buffer.from(`${code.source.toString()}\n${comment}`);
      const stack = await shared().call({ ...code, sha256: `${comment.length}`, source }, request());
      expect(stack).toContain("Error: x");
      expect(stack).not.toMatch(/KEPT|kept/);
    }
  });

  test("cannot make code out of text", async () => {
    const tries = ["eval('1')", "new Function('return 1')()", "(async () => {}).constructor('return 1')()"];
    for (const attempt of tries) {
      const call = shared().call(script(`return ${attempt}`), request());
      await expect(call, attempt).rejects.toThrow(/disallowed/);
    }
  });

  test("imports types of the author's kit, which are no imports at run time", async () => {
    const top = `import type { ScriptPlugin } from "@hitagi/sdk"; import { type MetadataPlugin } from "@hitagi/sdk";`;
    expect(await shared().vet(script("return 1 satisfies number", top), 20_000)).toMatchObject({
      namespace: "probe",
    });
  });
});
