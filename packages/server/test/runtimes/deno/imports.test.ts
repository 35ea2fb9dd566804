import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { nodeModules } from "../../../src/runtimes/deno/import-map.ts";
import { denoBinary } from "../../../src/runtimes/deno/locate.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { codeOf, request } from "../runtime-contract.ts";
import { script, sharedRuntime } from "./fixture.ts";

const shared = sharedRuntime();

const MANIFEST = `namespace: "probe", type: "script", name: "Probe", version: "1.0.0", author: "me"`;

describe("a plugin that imports nothing", () => {
  test.each([
    ["a comment", `// an inline import("x") in a comment, sourceMappingURL=x too`],
    ["a block comment", `/* import("x"); import "data:x"; */`],
    ["a text", `const text = 'import("x") from "data:text/javascript,"';`],
    ["a template", "const text = `import x from 'data:x' and import('x')`;"],
    ["a pattern", `const pattern = /import(".*") from "data:/;`],
    ["a method", `const importer = { import(name) { return name; } }; importer.import("x");`],
    ["a private method", `class A { #import() {} static import = 1; run() { this.#import(); } }`],
    ["text like JSX", `const text = "<a href='x'>import('x')</a>";`],
    ["its own address", `const own = typeof import.meta;`],
  ])("may have the word in %s", async (_, top) => {
    for (const filename of ["probe.ts", "probe.js"])
      expect(await shared().call(script("return 1", top, filename), request()), filename).toBe(1);
  });

  test("gets its texts unchanged", async () => {
    const text = `//# sourceMappingURL=x /* import("x") */ <!-- --> \\u2028`;
    const call = shared().call(script(`return ${JSON.stringify(text)}`), request());
    expect(await call).toBe(text);
  });

  test("may start with a byte-order mark or the line of an interpreter, and end with a comment", async () => {
    const source = script("return 1").source.toString();
    for (const [before, after] of [
      ["\uFEFF", ""],
      ["#!/usr/bin/env deno\n", "// end"],
      ["\uFEFF#!/usr/bin/env deno\n", "/* end */"],
    ])
      expect(await shared().call(codeOf(`${before}${source}${after}`, "probe.ts"), request())).toBe(1);
  });

  test("keeps lines and columns in a stack", async () => {
    const top = `import type { ScriptPlugin } from "@hitagi/sdk"; /* two\nlines */ type A<B> = { [K in keyof B]: B[K] };`;
    const stack = await shared().call(script("return new Error().stack", top), request());
    expect(stack).toMatch(/:4:8\)/);
  });
});

describe("a plugin in TypeScript", () => {
  test.each([
    ["enumerations", `enum A { One = 1 } const one = A.One;`],
    ["namespaces", `namespace N { export const value = 1 } const one = N.value;`],
    [
      "parameter properties",
      `class P { constructor(readonly value: number) {} } const one = new P(1).value;`,
    ],
    ["generic calls", `const same = <T,>(a: T): T => a; const one = same<number>(1);`],
    ["assertions of both kinds", `const one = <number>(1 as unknown) satisfies number;`],
    [
      "abstract classes, overloads and declarations",
      `abstract class A { abstract a(): void } declare const b: A;
      function one(): number; function one(): number { return 1 }`,
    ],
    ["resources", `{ using a = { [Symbol.dispose]() {} }; }  const one = 1;`],
  ])("may use %s", async (_, top) => {
    const value = "typeof one === 'function' ? one() : one";
    expect(await shared().call(script(`return ${value}`, top), request())).toBe(1);
  });

  test.each([
    `import type { ScriptPlugin } from "@hitagi/sdk";`,
    `import { type ScriptPlugin } from "@hitagi/sdk";`,
    `import { ScriptPlugin } from "@hitagi/sdk"`,
    `import type * as sdk from "@hitagi/sdk"; enum A { B }`,
    `import "@hitagi/sdk"`,
    `import type { Other } from "./other.ts"; import type Default from "npm:other";`,
    `export type { Other } from "./other.ts";`,
  ])("imports types: %s", async (top) => {
    const source = `${top}\nconst plugin = { ${MANIFEST}, run: () => 1 } satisfies object; export default plugin;`;
    expect(await shared().call(codeOf(source, "probe.ts"), request())).toBe(1);
  });

  test("keeps statements apart where an import is left out", async () => {
    const top = `const a = "text"\nimport { type ScriptPlugin } from "@hitagi/sdk"\n;(() => {})()\n`;
    const call = `const b = a\nimport "@hitagi/sdk"\n["x"].includes("x")`;
    expect(await shared().call(script("return b", top + call), request())).toBe("text");
  });
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
