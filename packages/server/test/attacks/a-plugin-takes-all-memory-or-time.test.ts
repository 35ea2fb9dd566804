import { describe, expect, onTestFinished, test, vi } from "vitest";
import { processTree, readProc } from "../../src/runtimes/processes/process-tree.ts";
import type { Runtime } from "../../src/runtimes/types.ts";
import { openRuntime, runGood, script } from "../runtimes/deno/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";
import { gate } from "../support/gate.ts";

const LIMIT_MB = 96;

/** The most memory, in megabytes, that any child of this process held that starts while something runs. */
const watchPeak = (): (() => number) => {
  let peak = 0;
  const before = new Set(processTree(process.pid));
  const timer = setInterval(() => {
    for (const pid of processTree(process.pid).filter((one) => !before.has(one))) {
      const kb = /RssAnon:\s+(\d+)/.exec(readProc(`${pid}/status`))?.[1];
      peak = Math.max(peak, Number(kb ?? 0) / 1024);
    }
  }, 20);
  onTestFinished(() => clearInterval(timer));
  return () => peak;
};

const stillWorks = async (runtime: Runtime): Promise<void> => {
  expect(await runGood(runtime)).toBe("good");
  await vi.waitFor(() => expect(runtime.stats().processes - runtime.stats().standby).toBe(1));
};

describe("a plugin that takes all memory", () => {
  test.each([
    ["in arrays", "const all = []; for (;;) all.push(new Array(100000).fill({ a: 1 }));"],
    [
      "in strings",
      "let s = 'x'; const all = []; for (let i = 0; ; i++) { s = (i + s).repeat(2).slice(0, 1e6); all.push(s + i); }",
    ],
    ["in buffers", "const all = []; for (;;) all.push(new Uint8Array(4e6).fill(1));"],
    [
      "in one large buffer",
      "const b = new Uint8Array(3e9); for (let i = 0; i < b.length; i += 4096) b[i] = 1; for (;;);",
    ],
    [
      "in shared buffers",
      "const all = []; for (;;) all.push(new Uint8Array(new SharedArrayBuffer(4e6)).fill(1));",
    ],
    [
      "in WebAssembly",
      "const m = new WebAssembly.Memory({ initial: 1 }); for (;;) { m.grow(64); new Uint8Array(m.buffer).fill(1); }",
    ],
    ["in blobs", "const all = []; for (;;) all.push(new Blob([new Uint8Array(4e6).fill(1)]));"],
    [
      "in typed arrays, waiting between",
      "const all = []; for (;;) { all.push(new Uint8Array(4e6).fill(1)); await new Promise((r) => setTimeout(r)); }",
    ],
  ])("%s, is ended or rejected, and the server goes on", async (_, body) => {
    const runtime = openRuntime({ memoryMb: LIMIT_MB });
    const peak = process.platform === "linux" ? watchPeak() : () => 0;
    const bomb = script(body);
    const call = runtime.call(bomb, request());
    // Where memory is refused by the kernel, a buffer that cannot be made is an error that the plugin gets.
    await expect(call).rejects.toThrow(
      expect.objectContaining({ code: expect.stringMatching(/PLUGIN_(CRASHED|FAILED)/) }),
    );
    expect(peak()).toBeLessThan(LIMIT_MB * 3);
    runtime.retire(bomb);
    await stillWorks(runtime);
  });

  test("while it loads, does not load", async () => {
    const runtime = openRuntime({ memoryMb: LIMIT_MB });
    const check = runtime.vet(
      script("", "const all = []; for (;;) all.push(new Array(100000).fill(0.5));"),
      20_000,
    );
    await expect(check).rejects.toMatchObject({
      code: "LOAD_FAILED",
      message: expect.stringMatching(/memory/),
    });
    await stillWorks(runtime);
  });

  test("fails with a message about memory", async () => {
    const call = openRuntime({ memoryMb: LIMIT_MB }).call(
      script("const all = []; for (;;) all.push(new Array(100000).fill(0.5));"),
      request(),
    );
    await expect(call).rejects.toThrow(/memory/);
  });
});

describe("a plugin that takes all time", () => {
  test("while it loads, does not load, and another loads meanwhile", async () => {
    const runtime = openRuntime();
    const check = runtime.vet(script("", "for (;;);"), 1500);
    const rejected = expect(check).rejects.toMatchObject({ code: "LOAD_CHECK_FAILED" });
    expect(await runGood(runtime)).toBe("good");
    await rejected;
    await stillWorks(runtime);
  });

  test("while it loads in a call, is ended with the call", async () => {
    const runtime = openRuntime();
    const call = runtime.call(script("", "await new Promise(() => {});"), request({ timeoutMs: 800 }));
    await expect(call).rejects.toMatchObject({ code: "PLUGIN_TIMEOUT" });
    await stillWorks(runtime);
  });

  test.each([
    ["an endless loop", "for (;;);"],
    ["a promise that never settles", "await new Promise(() => {});"],
    ["an endless row of promises", "for (;;) await null;"],
    ["an endless row of timers", "for (;;) await new Promise((r) => setTimeout(r));"],
    ["a regular expression", `return /^(a+)+$/.test("a".repeat(60) + "!")`],
    ["a wait without an end", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"],
    ["a thenable that never answers", "return { then() {} }"],
  ])("with %s, is ended", async (_, body) => {
    const runtime = openRuntime();
    const call = runtime.call(script(body), request({ timeoutMs: 400 }));
    await expect(call).rejects.toMatchObject({ code: "PLUGIN_TIMEOUT" });
    await stillWorks(runtime);
  });

  test("does not fail other calls of the same plugin that can still end", async () => {
    const runtime = openRuntime();
    const plugin = script(`if (ctx.arg === "hang") await new Promise(() => {}); return ctx.library.get("x")`);
    const { open: release, opened } = gate();
    const onHostRequest = async () => opened.then(() => "done");
    const other = runtime.call(plugin, request({ onHostRequest }));
    const hanging = runtime.call(plugin, request({ timeoutMs: 700, context: { arg: "hang", settings: {} } }));
    await expect(hanging).rejects.toMatchObject({ code: "PLUGIN_TIMEOUT" });
    release();
    expect(await other).toBe("done");
  });

  test("fails the other calls of the same plugin if its process is blocked", async () => {
    const runtime = openRuntime();
    const plugin = script(`if (ctx.arg === "hang") for (;;); return ctx.library.get("x")`);
    const begun = vi.fn(() => new Promise<never>(() => {}));
    const other = runtime.call(plugin, request({ onHostRequest: begun }));
    const outcome = expect(other).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
    // The process runs the plugin before the time of the call begins that blocks it.
    await vi.waitFor(() => expect(begun).toHaveBeenCalled());
    const hanging = request({ timeoutMs: 900, context: { arg: "hang", settings: {} } });
    await expect(runtime.call(plugin, hanging)).rejects.toMatchObject({ code: "PLUGIN_TIMEOUT" });
    await outcome;
    await stillWorks(runtime);
  });

  test("is called in a new process right after a timeout", async () => {
    const runtime = openRuntime();
    const plugin = script(`if (ctx.arg === "hang") for (;;); return "served"`);
    const context = { arg: "hang", settings: {} };
    await expect(runtime.call(plugin, request({ timeoutMs: 500, context }))).rejects.toMatchObject({
      code: "PLUGIN_TIMEOUT",
    });
    expect(await runtime.call(plugin, request())).toBe("served");
  });
});
