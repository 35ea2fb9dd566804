import type { Socket } from "node:net";
import { isHitagiError } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startChild } from "../../src/async/child-process.ts";
import { createPluginProcess, type PluginProcess } from "../../src/runtimes/processes/plugin-process.ts";
import type { CallRequest } from "../../src/runtimes/types.ts";
import { good } from "../runtimes/deno/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

/**
 * A real process in place of the harness. It writes any bytes, as a plugin could that has taken over the pipe. Its script
 * has `say(message)`, `raw(bytes)`, and `on(count, act)`, which acts once so many messages have come.
 */
const hostile = (script: string) => {
  const source = `
    const frame = (text) => { const b = Buffer.from(text); const h = Buffer.alloc(4); h.writeUInt32BE(b.length); return Buffer.concat([h, b]); };
    const raw = (bytes) => require("node:fs").writeSync(1, bytes);
    const say = (message) => raw(frame(JSON.stringify(message)));
    const on = (count, act) => { let heard = ""; process.stdin.on("data", (d) => { heard += d.toString("latin1"); if (heard.split('"t":').length > count) { count = Infinity; act(); } }); };
    say({ t: "ready" });
    on(1, () => say({ t: "loaded", manifest: { a: 1 } }));
    ${script}`;
  return startChild(process.execPath, ["-e", source], { detached: true, env: {} });
};

const MIB = 1024 * 1024;

const supervise = (script: string, graceMs = 200) => {
  const onCrash = vi.fn();
  const child = hostile(script);
  const plugin = createPluginProcess(child, {
    log: pino({ level: "silent" }),
    graceMs,
    onCrash,
  });
  onTestFinished(async () => {
    plugin.kill("the test ended");
    await plugin.gone;
  });
  return { plugin, onCrash, output: child.stdout as Socket };
};

/** Loads, calls, and answers why the call failed. */
const callOf = async (
  plugin: PluginProcess,
  more: Pick<Partial<CallRequest>, "onHostRequest" | "signal"> = {},
): Promise<{ code: string; reason: string }> => {
  await plugin.ready;
  await plugin.load(good, String(good.source));
  try {
    const value = await plugin.call(good, request(more), 150_000);
    return { code: "none", reason: JSON.stringify(value) };
  } catch (e) {
    if (isHitagiError(e)) return { code: e.code, reason: e.message };
    throw e;
  }
};

describe("a process that breaks the protocol is ended, and its call fails", () => {
  test.each<[string, string, RegExp]>([
    ["bytes that are no frame", `raw(Buffer.from("hello, world\\n"))`, /protocol/],
    ["a huge frame", "raw(Buffer.from([0x7f, 0xff, 0xff, 0xff]))", /limit/],
    ["a frame of nothing", "raw(Buffer.alloc(4))", /empty/],
    ["a frame that is no JSON", `raw(frame("{"))`, /JSON/],
    ["a frame that is a list", `raw(frame("[]"))`, /object/],
    ["a frame nested too deep", `raw(frame('{"a":' + "[".repeat(5000) + "]".repeat(5000) + "}"))`, /deep/],
    ["a message of no kind", `say({ t: "sudo" })`, /kind/],
    ["a message of a kind by another name", `say({ t: "constructor" })`, /kind/],
    ["a message whose kind is an object", `say({ t: {} })`, /kind/],
    ["a message with a field too many", `say({ t: "result", id: 1, value: 1, also: 1 })`, /kind/],
    ["a message with a field of another type", `say({ t: "result", id: "1", value: 1 })`, /kind/],
    ["a result of no call", `say({ t: "result", id: 99, value: 1 })`, /does not have/],
    ["a failure of no call", `say({ t: "failure", id: 99, reason: "x" })`, /does not have/],
    [
      "a request for no call",
      `say({ t: "request", id: 1, call: 99, capability: "x", args: {} })`,
      /does not have/,
    ],
    [
      "a notification for no call",
      `say({ t: "notification", call: 99, capability: "log", args: {} })`,
      /does not have/,
    ],
    ["a second `ready`", `say({ t: "ready" })`, /wrong time/],
    ["a second `loaded`", `say({ t: "loaded", manifest: {} })`, /wrong time/],
    [
      "a request twice",
      `say({ t: "request", id: 1, call: 1, capability: "x", args: {} }); say({ t: "request", id: 1, call: 1, capability: "x", args: {} })`,
      /number of another/,
    ],
    [
      "too many requests",
      `for (let id = 1; id < 40; id++) say({ t: "request", id, call: 1, capability: "x", args: {} })`,
      /requests at once/,
    ],
    [
      "a log line that is a request",
      `say({ t: "request", id: 1, call: 1, capability: "log", args: { level: "info", text: "x" } })`,
      /log is no request/,
    ],
    [
      "a capability name that is too long",
      `say({ t: "request", id: 1, call: 1, capability: "x".repeat(100), args: {} })`,
      /kind/,
    ],
    ["nothing more, having ended", "process.exit(3)", /ended by itself with code 3/],
    ["nothing more, having been ended", "process.kill(process.pid, 'SIGTERM')", /SIGTERM/],
  ])("%s", async (_, act, reason) => {
    const { plugin, onCrash } = supervise(`on(2, () => { ${act} });`);
    const outcome = await callOf(plugin, { onHostRequest: () => new Promise(() => {}) });
    expect(outcome.code).toBe("PLUGIN_CRASHED");
    expect(outcome.reason).toMatch(reason);
    await plugin.gone;
    expect(onCrash).toHaveBeenCalledTimes(1);
    expect(plugin.usable()).toBe(false);
  });

  test("before it has loaded a plugin", async () => {
    const { plugin } = supervise(`raw(Buffer.from([9, 9, 9, 9]))`);
    const loaded = plugin.ready.then(() => plugin.load(good, String(good.source)));
    await expect(loaded).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
  });
});

describe("a process that floods", () => {
  test("with reports of progress, gets a part of them through, and is not ended", async () => {
    const note = `{ t: "notification", call: 1, capability: "progress", args: { done: 1, total: 2 } }`;
    const { plugin, onCrash } = supervise(
      `on(2, () => { for (let i = 0; i < 15000; i++) say(${note}); say({ t: "result", id: 1, value: 1 }); });`,
    );
    const heard = vi.fn(async () => undefined);
    expect(await callOf(plugin, { onHostRequest: heard })).toEqual({ code: "none", reason: "1" });
    expect(heard.mock.calls.length).toBeLessThan(2000);
    expect(onCrash).not.toHaveBeenCalled();
  });

  test("with bytes, is read no faster than it may be", async () => {
    const big = `{ t: "notification", call: 0, capability: "log", args: "x".repeat(1e6) }`;
    const began = performance.now();
    const { plugin, output } = supervise(`on(2, () => { for (;;) say(${big}); });`);
    const stop = new AbortController();
    const call = callOf(plugin, { signal: stop.signal });
    await vi.waitFor(() => expect(output.bytesRead).toBeGreaterThan(96 * MIB));
    // What may be read in four seconds may come at once, and as much again in the time that has passed.
    const seconds = 4 + (performance.now() - began) / 1000;
    expect(output.bytesRead).toBeLessThan(seconds * 16 * MIB + MIB);
    stop.abort();
    expect((await call).code).toBe("PLUGIN_CANCELLED");
  });

  test("on its error output, does not fill the server's memory", async () => {
    const { plugin } = supervise(
      `on(2, () => { for (let i = 0; i < 200; i++) require("node:fs").writeSync(2, "e".repeat(1e5)); say({ t: "result", id: 1, value: 1 }); });`,
    );
    const before = process.memoryUsage().heapUsed;
    expect((await callOf(plugin)).reason).toBe("1");
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe("a process that does not listen", () => {
  test("to a cancelled call, is ended after the grace period", async () => {
    const { plugin } = supervise("");
    await plugin.ready;
    await plugin.load(good, String(good.source));
    const controller = new AbortController();
    const call = plugin.call(good, request({ signal: controller.signal }), 10_000);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "PLUGIN_CANCELLED" });
    await plugin.gone;
  });

  test("to the end of its input, is killed", async () => {
    const { plugin } = supervise("setInterval(() => {}, 1000);");
    await plugin.ready;
    plugin.kill("enough");
    await plugin.gone;
  });

  test("to anything, is ended when too much input is unread", async () => {
    const { plugin } = supervise("on(2, () => { for (;;); });");
    await plugin.ready;
    await plugin.load(good, String(good.source));
    const context = { arg: "x".repeat(20_000_000), settings: {} };
    const calls = Array.from({ length: 16 }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return plugin.call(good, request({ context }), 150_000);
    });
    const outcomes = await Promise.allSettled(calls);
    for (const o of outcomes) expect(o).toMatchObject({ reason: { code: "PLUGIN_CRASHED" } });
  });
});
