import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { runGood, script, sharedRuntime } from "../runtimes/deno/fixture.ts";
import { codeOf, request } from "../runtimes/runtime-contract.ts";
import { tempFolder } from "../support/temp-folder.ts";

// Deno alone has to hold.
const shared = sharedRuntime({ bwrap: null });

const vet = (top: string, filename = "probe.ts") => shared().vet(script("return 1", top, filename), 20_000);

const localFiles = async () => {
  const folder = await tempFolder();
  const url = (name: string) => pathToFileURL(path.join(folder, name)).href;
  await writeFile(path.join(folder, "secret.txt"), "secret");
  await writeFile(path.join(folder, "secret.json"), `"secret"`);
  await writeFile(path.join(folder, "secret.js"), `export default "secret"`);
  return { text: url("secret.txt"), json: url("secret.json"), code: url("secret.js") };
};

test("a local file, as text, JSON, bytes or code", async () => {
  const { text, json, code } = await localFiles();
  const tops = [
    `import secret from "${text}" with { type: "text" };`,
    `import secret from "${json}" with { type: "json" };`,
    `import secret from "${text}" with { type: "bytes" };`,
    `import secret from "${code}";`,
    `import * as secret from "${code}";`,
    `export * from "${code}"; const secret = 1;`,
    `import "${code}"; const secret = 1;`,
  ];
  for (const top of tops)
    await expect(vet(top), top).rejects.toThrow(/probe\.ts:1:1: a plugin cannot import/);
  expect(await runGood(shared())).toBe("good");
});

test.each([
  "node:fs",
  "node:process",
  "node:worker_threads",
  "NODE:fs",
  " node:fs",
  "node:%66s",
  "fs",
  "https://example.org/x.js",
  "http://127.0.0.1:1/x.js",
  "npm:left-pad",
  "jsr:@std/path",
  "ext:core/mod.js",
  "deno:x",
  "internal:x",
  "./x.js",
  "/etc/passwd",
  "data:text/javascript,export default 1",
  "DATA:text/javascript,",
  " da\tta:text/javascript,",
  "blob:null/0",
])("%j", async (name) => {
  const expected = `probe.ts:1:1: a plugin cannot import ${JSON.stringify(name)}; put the code`;
  await expect(vet(`import * as got from "${name}"; got.x;`)).rejects.toThrow(expected);
});

/** Each is code from text in disguise. The disguise is what a search in the text does not see. */
const disguised: [how: string, top: string][] = [
  ["a line continuation in the name", `import x from "da\\\nta:text/javascript,export default 1";`],
  ["a line continuation of Windows", `import x from "da\\\r\nta:text/javascript,export default 1";`],
  ["an escape in the name", String.raw`import x from "d\x61ta:text/javascript,export default 1";`],
  ["an escape with braces", String.raw`import x from "d\u{61}ta:text/javascript,export default 1";`],
  ["a comment behind a name with its end", `import x from/* */"data:text/javascript,export default 1//*/";`],
  ["a text that opens a comment before it", `const a = "/*"; import x from "data:text/javascript,/*"; // */`],
  ["a pattern that opens a text before it", `const a = /["]/; import x from 'data:text/javascript,'; "'";`],
  [
    "a template that opens a comment",
    "const a = `/*$" + `{\`//\`}\`; import x from "data:text/javascript," // */`,
  ],
  ["a division that looks like a pattern", `const a = 4 / 2; import x from "data:text/javascript,"; a / 1;`],
  ["a line separator", `//\u2028import x from "data:text/javascript,export default 1";`],
  ["a paragraph separator", `//\u2029import x from "data:text/javascript,export default 1";`],
  ["a byte-order mark", `\uFEFFimport x from "data:text/javascript,export default 1";`],
  ["a mark of an HTML comment", `let a = 1, b = 2; a<!--b\nimport x from "data:text/javascript,"; x;`],
  ["an attribute", `import x from "data:application/json,1" with { type: "json" };`],
  [
    "a name that is a text",
    `export { "a b" as b } from "data:text/javascript,const a = 1; export { a as 'a b' }";`,
  ],
  ["a namespace", `export * as x from "data:text/javascript,";`],
  ["an import within an import of types", `import { type x } from "data:text/javascript,";`],
  ["a name of the author's kit with an escape", String.raw`export * from "@hitagi/sdk\x2f";`],
];

test.each(disguised)("text as a module, by %s", async (_, top) => {
  for (const filename of ["probe.ts", "probe.js"]) {
    await expect(vet(top, filename), filename).rejects.toThrow(/probe\.[jt]s:\d+:\d+: /);
  }
});

test.each([
  ["import defer", `import defer * as x from "data:text/javascript,";`],
  ["import source", `import source x from "data:application/wasm,";`],
  ["import with assert", `import x from "data:application/json,1" assert { type: "json" };`],
  ["require", `import fs = require("node:fs"); fs.readFileSync;`],
  ["an export of require", `export import fs = require("node:fs");`],
])("by a statement that is not JavaScript's usual one: %s", async (_, top) => {
  await expect(vet(top)).rejects.toThrow(/probe\.ts:1:\d+: /);
});

test("in code that has to be written anew for its types, and the error names the place in the source", async () => {
  const top = `enum Kind {\n  One,\n  Two,\n}\n\n  import x from "da\\\nta:text/javascript,"; x;`;
  await expect(vet(top)).rejects.toThrow(/probe\.ts:6:3: a plugin cannot import "data:text/);
});

test("in a file that is not valid, which does not load, with the place of the mistake", async () => {
  const load = (source: string, filename: string) => shared().vet(codeOf(source, filename), 20_000);
  const js = load(`const a = 1;\n  const b = "\nimport "x"`, "odd.js");
  await expect(js).rejects.toThrow("odd.js:2:13: Unterminated string constant");
  await expect(load(`const a = 1;\n  foo(]`, "odd.ts")).rejects.toThrow("odd.ts:2:7: Expression expected");
});

test("by `import.meta`, which has an address without a path, and resolves no name to a file or a module of Node", async () => {
  const body = `const { url, main, dirname = "none", filename = "none", resolve } = import.meta;
    const resolved = (name) => { try { return resolve(name) } catch { return "fails" } };
    return { url, main, dirname, filename, names: ["node:fs", "fs", "file:///etc/passwd", "/etc/passwd", "./harness.js", "npm:x"].map(resolved) }`;
  const nowhere = "not-available-to-plugins:/";
  expect(await shared().call(script(body), request())).toEqual({
    url: expect.stringMatching(/^blob:null\/[-\da-f]+$/),
    main: false,
    dirname: "none",
    filename: "none",
    names: [nowhere, nowhere, `${nowhere}etc/passwd`, "fails", "fails", "fails"],
  });
});
