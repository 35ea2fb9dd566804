import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { harnessFile } from "../../src/runtimes/deno/locate.ts";
import { runGood, script, sharedRuntime } from "../runtimes/deno/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

// Deno alone has to hold.
const shared = sharedRuntime({ bwrap: null });

const gone =
  `Deno process Buffer global Worker WebSocket WebSocketStream EventSource BroadcastChannel caches CacheStorage
  localStorage sessionStorage Storage navigator location Location window name close closed prompt alert confirm
  createImageBitmap GPU OffscreenCanvas setImmediate reportError require module Navigator LockManager`.split(
    /\s+/,
  );

describe("a plugin's globals", () => {
  test("have nothing that reaches the system", async () => {
    const body = `return ${JSON.stringify(gone)}.filter((name) => name in globalThis)`;
    expect(await shared().call(script(body), request())).toEqual([]);
  });

  test("are no more than are on the list, with later versions of Deno too", async () => {
    const body = `return Object.getOwnPropertyNames(globalThis).sort()`;
    expect(await shared().call(script(body), request())).toMatchSnapshot();
  });

  test("do not lead to Deno's namespace by what is reachable from them", async () => {
    const body = `
      const seen = new Set(); const found = []; const queue = [[globalThis, "globalThis"]];
      const wanted = ["writeSync", "readTextFileSync", "Command", "permissions", "opSync", "ops", "evalContext", "execPath"];
      while (queue.length && seen.size < 20000) {
        const [value, path] = queue.shift();
        if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) continue;
        seen.add(value);
        for (const key of Reflect.ownKeys(value)) {
          if (wanted.includes(key)) found.push(path + "." + String(key));
          let next; try { next = value[key]; } catch { continue; }
          queue.push([next, path + "." + String(key)]);
          const own = Object.getOwnPropertyDescriptor(value, key);
          if (own?.get) queue.push([own.get, path + "." + String(key) + "<get>"]);
        }
        queue.push([Object.getPrototypeOf(value), path + ".__proto__"]);
      }
      return { found, enough: seen.size > 500 }`;
    expect(await shared().call(script(body), request())).toEqual({ found: [], enough: true });
  });

  test("do not tell by a stack where the server is installed", async () => {
    const stack = await shared().call(script("return new Error().stack"), request());
    expect(stack).toContain("harness.js");
    expect(stack).not.toContain(path.dirname(harnessFile()));
  });

  test("give no function of Deno's own by a stack", async () => {
    const body = `
      const found = [];
      Error.prepareStackTrace = (_, sites) => {
        for (const site of sites) found.push(typeof site.getThis(), typeof site.getFunction());
        return "";
      };
      const probe = { toString() { new Error().stack; return "x"; } };
      try { new URL(probe); } catch {}
      try { new TextEncoder().encode(probe); } catch {}
      try { atob(probe); } catch {}
      await new Promise((resolve) => setTimeout(() => { new Error().stack; resolve(); }));
      return { kinds: [...new Set(found)], many: found.length > 10 }`;
    expect(await shared().call(script(body), request())).toEqual({ kinds: ["undefined"], many: true });
  });

  test("reach no network, by any interface", async () => {
    const connected = vi.fn();
    const server = createServer(connected).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await vi.waitFor(() => expect(server.address()).not.toBeNull());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const onHostRequest = vi.fn(async () => {
      throw new Error("refused");
    });
    const url = `http://127.0.0.1:${port}/`;
    const tries = [
      `fetch("${url}")`,
      `new WebSocket("ws://127.0.0.1:${port}")`,
      `new EventSource("${url}")`,
      `Deno.connect({ port: ${port} })`,
      `new Worker("${url}", { type: "module" })`,
      `caches.open("x").then((c) => c.add("${url}"))`,
      `navigator.sendBeacon("${url}")`,
      `WebAssembly.compileStreaming("${url}")`,
      `new Request("${url}").fetch()`,
    ];
    const body = `const out = [];
      for (const go of [${tries.map((t) => `async () => ${t}`).join(",")}]) await go().then(() => out.push(String(go)), () => {});
      return out`;
    const runtime = shared();
    expect(await runtime.call(script(body), request({ onHostRequest }))).toEqual([]);
    expect(connected).not.toHaveBeenCalled();
    expect(onHostRequest).toHaveBeenCalledTimes(1);
  });

  test("show no environment, no files, no programs, no exit", async () => {
    const tries = [
      "Deno.env.get('PATH')",
      "process.env",
      "process.exit(0)",
      "Deno.exit(0)",
      "Deno.readTextFileSync('/etc/passwd')",
      "new Deno.Command('id').outputSync()",
      "new Worker('data:text/javascript,', { type: 'module' })",
      "close()",
      "Deno.stdout.writeSync(new Uint8Array(9))",
      "prompt('x')",
      "alert('x')",
    ];
    const body = `const out = [];
      for (const go of [${tries.map((t) => `() => ${t}`).join(",")}]) try { go(); out.push(String(go)); } catch {}
      return out`;
    const runtime = shared();
    expect(await runtime.call(script(body), request())).toEqual([]);
    expect(runtime.stats().crashes).toBe(0);
    expect(await runGood(runtime)).toBe("good");
  });

  test("write console output to the log, not to the pipe of the frames", async () => {
    const onHostRequest = vi.fn(async () => undefined);
    const body = `console.log("one", { two: 2 }, new Error("three").message); console.error("four"); return 1`;
    const runtime = shared();
    expect(
      await runtime.call(script(body, `console.log("while loading");`), request({ onHostRequest })),
    ).toBe(1);
    await vi.waitFor(() => expect(onHostRequest).toHaveBeenCalledTimes(2));
    expect(onHostRequest.mock.calls.map((c) => (c as unknown[]).slice(0, 2))).toEqual([
      ["log", { level: "info", text: 'one {"two":2} three' }],
      ["log", { level: "error", text: "four" }],
    ]);
  });
});
