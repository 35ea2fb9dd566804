import { describe, expect, test } from "vitest";
import { codeOf, request } from "../runtime-contract.ts";
import { runGood, script, sharedRuntime } from "./fixture.ts";

const shared = sharedRuntime();

describe("what a plugin returns", () => {
  test.each<[string, string, unknown]>([
    ["an object", "return { a: [1, 'x', null, true] }", { a: [1, "x", null, true] }],
    ["null", "return null", null],
    ["nothing, as null", "", null],
    ["a text", "return 'x'", "x"],
    ["a date, as text", "return new Date(0)", "1970-01-01T00:00:00.000Z"],
    ["text outside of Latin", "return 'ä€𝄞\\u0000\\ud800'", "ä€𝄞\u0000\ud800"],
    ["a million characters", "return 'ä'.repeat(1e6)", "ä".repeat(1e6)],
    [
      "a name of JavaScript's own",
      `return JSON.parse('{"__proto__": 1, "constructor": 2}')`,
      JSON.parse('{"__proto__": 1, "constructor": 2}'),
    ],
  ])("%s, arrives", async (_, body, value) => {
    expect(await shared().call(script(body), request())).toEqual(value);
  });

  test.each<[string, string, RegExp]>([
    ["a function", "return () => 1", /function/],
    ["a cycle", "const a = {}; a.a = a; return a", /circular/],
    ["a BigInt", "return { n: 1n }", /BigInt/],
    ["what is nested too deep", "let a = []; for (let i = 0; i < 2000; i++) a = [a]; return a", /deep/],
    ["what overflows the stack", "let a = []; for (let i = 0; i < 1e6; i++) a = [a]; return a", /deep/],
    ["more than 4 MB", "return 'ä'.repeat(2.2e6)", /limit/],
    ["a hundred thousand lists and more", "return Array.from({ length: 120_000 }, () => [])", /values/],
    ["a getter that throws", "return { get a() { throw new Error('from a getter') } }", /from a getter/],
    [
      "an object whose toJSON throws",
      "return { toJSON() { throw new Error('from toJSON') } }",
      /from toJSON/,
    ],
  ])("%s, is a failure that says so", async (_, body, reason) => {
    const runtime = shared();
    const call = runtime.call(script(body), request());
    await expect(call).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
    await expect(call).rejects.toThrow(reason);
    expect(runtime.stats().crashes).toBe(0);
  });
});

describe("what a plugin throws", () => {
  test.each<[string, string, RegExp]>([
    ["undefined", "throw undefined", /undefined/],
    ["null", "throw null", /null/],
    ["a number", "throw 7", /7/],
    ["a symbol", "throw Symbol('odd')", /odd/],
    ["a text", "throw 'only words'", /^only words$/],
    ["a frozen object", "throw Object.freeze({ message: 'cold' })", /cold/],
    [
      "an object with getters that throw",
      "throw { get message() { throw 1 }, get name() { throw 1 }, get stack() { throw 1 } }",
      /cannot be read/,
    ],
    [
      "a proxy that throws",
      "throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 1 }, has() { throw 1 } })",
      /cannot be read/,
    ],
    ["a revoked proxy", "const p = Proxy.revocable({}, {}); p.revoke(); throw p.proxy", /cannot be read/],
    ["an error without a message", "throw new RangeError()", /RangeError/],
    [
      "an error whose message is an object",
      "throw Object.assign(new Error(), { message: { toString() { throw 1 } } })",
      /without a message/,
    ],
    ["a very long message", "throw new Error('long '.repeat(1e6))", /^(long ){10}/],
  ])("%s, is a failure with words", async (_, body, reason) => {
    const runtime = shared();
    const call = runtime.call(script(body), request());
    await expect(call).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
    await expect(call).rejects.toThrow(reason);
    expect(await runGood(runtime)).toBe("good");
  });

  test("has no path of this machine in it", async () => {
    const call = shared().call(script("nowhere.at.all()"), request());
    await expect(call).rejects.toThrow(/^nowhere is not defined$/);
  });

  test("later, from a timer or a promise, does not end it", async () => {
    const top = `setTimeout(() => { throw new Error("stray") }); Promise.reject(new Error("stray"));`;
    const runtime = shared();
    const plugin = script("await new Promise((r) => setTimeout(r)); return 1", top);
    expect(await runtime.call(plugin, request())).toBe(1);
    expect(runtime.stats().crashes).toBe(0);
  });
});

describe("a file that is no plugin", () => {
  test.each<[string, string, RegExp]>([
    ["without a default export", "export const a = 1", /default export/],
    ["whose default export is a function", "export default () => {}", /default export/],
    ["whose default export is null", "export default null", /default export/],
    ["that is empty", "", /default export/],
    ["with a mistake in it", "export default {", /Expected|expected/],
    ["that throws", "throw new Error('not today')", /not today/],
    ["without its entry point", `export default { type: "metadata" }`, /getTags/],
    ["whose entry point is no function", `export default { type: "script", run: 1 }`, /run/],
    [
      "whose manifest has a cycle",
      "const a = { type: 'script', run() {} }; a.a = a; export default a",
      /manifest/,
    ],
    [
      "whose manifest is too deep",
      "let a = []; for (let i = 0; i < 2000; i++) a = [a]; export default { a }",
      /manifest/,
    ],
  ])("%s, does not load and says why, without paths", async (_, source, reason) => {
    const check = shared().vet(codeOf(source, "odd.ts"), 20_000);
    await expect(check).rejects.toMatchObject({ code: "LOAD_FAILED" });
    await expect(check).rejects.toThrow(reason);
    await expect(check).rejects.not.toThrow(/blob:|file:\/\//);
  });

  test("of a type that there is not, is left to the check of the manifest", async () => {
    const vetted = shared().vet(codeOf(`export default { type: "theme" }`, "odd.ts"), 20_000);
    expect(await vetted).toEqual({ type: "theme" });
  });

  test("may be plain JavaScript", async () => {
    for (const filename of ["probe.js", "probe.mjs"]) {
      expect(await shared().call(script("return ctx.arg", "", filename), request())).toBe("");
    }
    const typed = codeOf("export default { a: 1 as number }", "probe.js");
    await expect(shared().vet(typed, 20_000)).rejects.toMatchObject({ code: "LOAD_FAILED" });
  });

  test("its manifest is what is left without functions", async () => {
    const plugin = script("return 1", "const helper = () => 2;");
    expect(await shared().vet(plugin, 20_000)).toEqual({
      namespace: "probe",
      type: "script",
      name: "Probe",
      version: "1.0.0",
      author: "me",
    });
  });
});
