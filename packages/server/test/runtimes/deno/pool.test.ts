import { readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import type { HostRequestHandler, Runtime } from "../../../src/runtimes/types.ts";
import { gate } from "../../support/gate.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { codeOf, request } from "../runtime-contract.ts";
import { good, openRuntime, runGood, script } from "./fixture.ts";

const used = (runtime: Runtime): number => runtime.stats().processes - runtime.stats().standby;

/** A call that stays in flight until it is released. */
const held = (runtime: Runtime, name: string) => {
  const { open: release, opened } = gate();
  const begun = vi.fn();
  const onHostRequest: HostRequestHandler = async () => {
    begun();
    await opened;
    return name;
  };
  const answer = runtime.call(script(`return ctx.library.get("x") // ${name}`), request({ onHostRequest }));
  return {
    release,
    answer,
    begun: () => vi.waitFor(() => expect(begun).toHaveBeenCalled()),
  };
};

const numbered = (n: number) => script(`return ${n}`);

test("keeps the configured number of processes on standby", async () => {
  const runtime = openRuntime({ standby: 2 });
  await vi.waitFor(() => expect(runtime.stats()).toMatchObject({ processes: 2, standby: 2 }));
  expect(await runGood(runtime)).toBe("good");
  await vi.waitFor(() => expect(runtime.stats()).toMatchObject({ processes: 3, standby: 2 }));
});

test("keeps none on standby if configured so", async () => {
  const runtime = openRuntime({ standby: 0 });
  expect(runtime.stats().processes).toBe(0);
  expect(await runGood(runtime)).toBe("good");
  expect(runtime.stats()).toMatchObject({ processes: 1, standby: 0 });
});

test("a version that is vetted is called in the process that vetted it", async () => {
  const runtime = openRuntime({ standby: 0 });
  const plugin = script("return started", "const started = Math.random();");
  await runtime.vet(plugin, 20_000);
  const first = await runtime.call(plugin, request());
  expect(await runtime.call(plugin, request())).toBe(first);
  expect(used(runtime)).toBe(1);
});

test("load checks of one version share its process", async () => {
  const runtime = openRuntime({ standby: 0 });
  const [one, two] = await Promise.all([runtime.vet(good, 20_000), runtime.vet(good, 20_000)]);
  expect(one).toEqual(two);
  Object.assign(one as object, { name: "changed by who got it" });
  expect(await runtime.vet(good, 20_000)).toEqual(two);
  expect(used(runtime)).toBe(1);
});

test("the same file under two names runs twice, side by side", async () => {
  const runtime = openRuntime({ standby: 0 });
  const source = good.source.toString();
  for (const namespace of ["one", "two"]) {
    expect(await runtime.call(codeOf(source, "p.ts", namespace), request())).toBe("good");
  }
  expect(used(runtime)).toBe(2);
});

test("an idle process ends, and a later call starts a new one", async () => {
  const runtime = openRuntime({ standby: 0, idleMs: 100 });
  expect(await runGood(runtime)).toBe("good");
  await vi.waitFor(() => expect(used(runtime)).toBe(0));
  expect(await runGood(runtime)).toBe("good");
});

test("a process with a call in flight is not idle", async () => {
  const runtime = openRuntime({ standby: 0, idleMs: 60 });
  const call = held(runtime, "busy");
  await call.begun();
  // Another one is idle for as long, and ends.
  await runGood(runtime);
  await vi.waitFor(() => expect(used(runtime)).toBe(1));
  call.release();
  expect(await call.answer).toBe("busy");
});

test("if the pool is full, the process idle for longest is evicted", async () => {
  const runtime = openRuntime({ standby: 0, maxProcesses: 2 });
  const counting = (n: number) => script(`return ++count * 0 + ${n} + count / 10`, "let count = 0;");
  expect(await runtime.call(counting(1), request())).toBe(1.1);
  expect(await runtime.call(counting(2), request())).toBe(2.1);
  expect(await runtime.call(counting(1), request())).toBe(1.2);
  expect(await runtime.call(counting(3), request())).toBe(3.1);
  expect(used(runtime)).toBe(2);
  // The second had to go, the first was kept.
  expect(await runtime.call(counting(1), request())).toBe(1.3);
  expect(await runtime.call(counting(2), request())).toBe(2.1);
});

test("if all processes are busy, a call waits for one, at most until it times out", async () => {
  const runtime = openRuntime({ standby: 0, maxProcesses: 1 });
  const call = held(runtime, "busy");
  await call.begun();
  await expect(runtime.call(numbered(1), request({ timeoutMs: 100 }))).rejects.toMatchObject({
    code: "PLUGIN_TIMEOUT",
  });
  const waiting = runtime.call(numbered(2), request());
  call.release();
  expect(await call.answer).toBe("busy");
  expect(await waiting).toBe(2);
});

test("more concurrent plugins than processes all answer", async () => {
  const runtime = openRuntime({ maxProcesses: 3 });
  const numbers = Array.from({ length: 12 }, (_, i) => i);
  expect(await Promise.all(numbers.map((n) => runtime.call(numbered(n), request())))).toEqual(numbers);
  expect(runtime.stats().processes).toBeLessThanOrEqual(3);
});

test("reports why it is unavailable, and fails calls and load checks", async () => {
  const runtime = openRuntime({ denoPath: "/nonexistent/deno" });
  const reason = await runtime.unavailable();
  expect(reason).toMatch(/Deno's binary/);
  expect(reason).not.toMatch(/nonexistent/);
  await expect(runtime.vet(good, 20_000)).rejects.toMatchObject({ code: "LOAD_CHECK_FAILED" });
  await expect(runtime.call(good, request())).rejects.toMatchObject({ code: "RUNTIME_UNAVAILABLE" });
});

test("a program that is not Deno fails at once", async () => {
  const runtime = openRuntime({ denoPath: "/bin/false" });
  await expect(runtime.vet(good, 20_000)).rejects.toMatchObject({ code: "LOAD_CHECK_FAILED" });
  await expect(runtime.call(good, request())).rejects.toMatchObject({ code: "RUNTIME_UNAVAILABLE" });
});

test("a cancelled load check leaves no process", async () => {
  const runtime = openRuntime({ standby: 0 });
  const controller = new AbortController();
  const check = runtime.vet(script("", "await new Promise(() => {});"), 20_000, controller.signal);
  await vi.waitFor(() => expect(used(runtime)).toBe(1));
  controller.abort();
  await expect(check).rejects.toMatchObject({ code: "LOAD_CHECK_FAILED" });
  await vi.waitFor(() => expect(used(runtime)).toBe(0));
});

test("a stopped runtime leaves no process and no file", async () => {
  const folder = await tempFolder();
  const runtime = openRuntime({ standby: 2, workFolder: folder });
  await runGood(runtime);
  expect(readdirSync(folder)).not.toEqual([]);
  await runtime.stop();
  expect(readdirSync(folder)).toEqual([]);
  expect(runtime.stats().processes).toBe(0);
});
