import { describe, expect, test } from "vitest";
import { script, sharedRuntime } from "../runtimes/deno/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

// Deno alone has to hold.
const shared = sharedRuntime({ bwrap: null });

const CODE = "globalThis.ran = true";

test.each([
  "import(name)",
  `import("data:text/javascript,")`,
  `import ("x")`,
  `import/**/("x")`,
  `import/* ( */ /* */("x")`,
  `import// (\n("x")`,
  `import\u2028("x")`,
  `[...import("x")]`,
  "`$" + `{import("x")}` + "`",
  `"" + import("x", { with: { type: "json" } })`,
  "(() => class { static { import(name) } })()",
  "function* () { yield import(name) }",
  `"\\\n" + import(name)`,
  "/[/]/.source + import(name)",
  "(import(name) as Promise<unknown>)",
])("by an import at run time: %s", async (attempt) => {
  const check = shared().vet(script(`const name = "x"; return (${attempt})`), 20_000);
  await expect(check).rejects.toMatchObject({ code: "LOAD_FAILED" });
  await expect(check).rejects.toThrow(/probe\.ts:\d+:\d+: a plugin cannot import at run time; put the code/);
});

test.each([
  `import.defer("x")`,
  `import . /**/ source("x")`,
  String.raw`im\u0070ort("x")`,
  "require('x')(import)",
])("by a form of import that plugins do not have: %s", async (attempt) => {
  const check = shared().vet(script(`return ${attempt}`), 20_000);
  await expect(check).rejects.toMatchObject({ code: "LOAD_FAILED" });
  await expect(check).rejects.toThrow(/probe\.ts:\d+:\d+: /);
});

describe("by making code of a text", () => {
  test.each([
    `eval("${CODE}")`,
    `(0, eval)("${CODE}")`,
    `new Function("${CODE}")()`,
    `(async () => {}).constructor("${CODE}")()`,
    `(function* () {}).constructor("${CODE}")().next()`,
    `Reflect.construct((() => {}).constructor, ["${CODE}"])()`,
    `await new Promise((done) => { setTimeout("${CODE}"); setTimeout(done, 20); })`,
    `await new Promise((done) => { const i = setInterval("${CODE}", 1); setTimeout(() => (clearInterval(i), done()), 20); })`,
    `new ShadowRealm().evaluate("${CODE}")`,
    `new Worker("data:text/javascript,${CODE}", { type: "module" })`,
    `new Worker(URL.createObjectURL(new Blob(["${CODE}"])), { type: "module" })`,
    `new SharedWorker("data:text/javascript,${CODE}")`,
    `document.write("<script>${CODE}</script>")`,
    `ctx.html("<script>${CODE}</script><img src=x onerror='${CODE}'>").querySelector("img").click()`,
    `ctx.html("<p>").defaultView?.eval("${CODE}")`,
    `importScripts("data:text/javascript,${CODE}")`,
    `process.getBuiltinModule("vm").runInThisContext("${CODE}")`,
    `require("vm").runInThisContext("${CODE}")`,
  ])("%s", async (attempt) => {
    const body = `try { ${attempt} } catch {} return globalThis.ran ?? false`;
    expect(await shared().call(script(body, "", "probe.js"), request())).toBe(false);
  });
});
