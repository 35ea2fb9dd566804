import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { denoBinary } from "../../../src/runtimes/deno/binary.ts";
import { nodeModules } from "../../../src/runtimes/deno/import-map.ts";
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

  test("no local file dynamically", async () => {
    const runtime = shared();
    const { text, json, code } = await secretFiles();
    const attempts = [
      `import("${text}", { with: { type: "text" } })`,
      `import("${json}", { with: { type: "json" } })`,
      `import("${code}")`,
      `import("data:text/javascript," + encodeURIComponent(${JSON.stringify(`export { default } from "${code}"`)}))`,
      `import("data:application/json;x,", { with: { type: "json" } }).then(() => import("${json}", { with: { type: "json" } }))`,
    ];
    for (const attempt of attempts) {
      const call = runtime.call(script(`return (await ${attempt}).default`), request());
      await expect(call, attempt).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
      await expect(call, attempt).rejects.not.toThrow(SECRET);
    }
  });

  test("none of Node's modules, however they are spelled", async () => {
    const runtime = shared();
    const odd = [
      "NODE:fs",
      " node:fs",
      "node:fs ",
      "nOdE:process",
      "node:%66s",
      "node:/fs",
      "node:fs?x",
      "fs",
      "process",
    ];
    const names = [...nodeModules.flatMap((name) => [`node:${name}`, name]), ...odd];
    const body = `const got = [];
      for (const name of ${JSON.stringify(names)}) await import(name).then(() => got.push(name), () => {});
      return got`;
    expect(await runtime.call(script(body), request())).toEqual([]);
    for (const top of [
      `import fs from "node:fs"; fs.readFileSync;`,
      `export * from "node:process";`,
      `import "node:worker_threads";`,
    ]) {
      await expect(runtime.vet(script("return 1", top), 20_000), top).rejects.toMatchObject({
        code: "LOAD_FAILED",
      });
    }
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
    const body = `const got = [];
      for (const name of ${JSON.stringify(names)}) await import(name).then(() => got.push(name), () => {});
      return got`;
    expect(await runtime.call(script(body), request())).toEqual([]);
  });

  test("can import text of its own, which can do no more than it can", async () => {
    const inner = encodeURIComponent("export default [typeof Deno, typeof process, typeof Worker]");
    const call = shared().call(
      script(`return (await import("data:text/javascript,${inner}")).default`),
      request(),
    );
    expect(await call).toEqual(["undefined", "undefined", "undefined"]);
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
    expect(await shared().vet(script("return 1 satisfies number", top), 20_000)).toBeDefined();
  });
});
