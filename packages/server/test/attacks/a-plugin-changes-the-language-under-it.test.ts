import { describe, expect, test } from "vitest";
import { runGood, script, sharedRuntime } from "../runtimes/deno/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

const shared = sharedRuntime();

describe("a plugin that changes the language under it", () => {
  const patches = [
    `Object.defineProperty(Object.prototype, "t", { get() { return "result" }, set() {}, configurable: true });`,
    `Object.prototype.toJSON = () => "polluted";`,
    `Promise.prototype.then = function () { return this; };`,
    `Array.prototype.push = Array.prototype.map = Array.prototype.join = () => { throw new Error("patched") };`,
    `JSON.stringify = () => '{"t":"result","id":1,"value":"forged"}'; JSON.parse = () => ({});`,
    `Map.prototype.get = Map.prototype.set = Map.prototype.delete = () => undefined;`,
    `TextEncoder.prototype.encode = TextEncoder.prototype.encodeInto = () => ({ written: 4, read: 4 });`,
    `Uint8Array.prototype.subarray = Uint8Array.prototype.set = () => new Uint8Array(8);`,
    `globalThis.queueMicrotask = globalThis.fetch = globalThis.console = undefined;`,
    `Object.defineProperty(Array.prototype, "0", { set() {}, get() { return 1 } });`,
    `Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => {};`,
    `Error.prepareStackTrace = () => { throw new Error("patched") };`,
    `Object.freeze(globalThis); Object.freeze(Object.prototype);`,
    `String.prototype.slice = String.prototype.replaceAll = () => { throw 1 };`,
  ];

  test.each(patches)("%s harms at most itself", async (patch) => {
    const runtime = shared();
    const call = runtime.call(script("return 1", patch), request({ timeoutMs: 1500 }));
    await call.catch((e: unknown) => {
      expect(e).toMatchObject({ code: expect.stringMatching(/^(PLUGIN|LOAD)_/) });
    });
    expect(await runGood(runtime)).toBe("good");
  });
});
