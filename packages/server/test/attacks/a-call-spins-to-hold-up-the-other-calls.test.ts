import { expect, test, vi } from "vitest";
import type { PluginCode, Runtime } from "../../src/runtimes/types.ts";
import { openRuntime as openDeno, script } from "../runtimes/deno/fixture.ts";
import { noPerl, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

const withArg = (arg: string, timeoutMs = 150_000) => request({ context: { arg, settings: {} }, timeoutMs });

/** Calls a plugin that spins, and then calls it with these arguments. @returns what they gave while it still spun */
const answersBehind = async (runtime: Runtime, code: PluginCode, ...args: string[]): Promise<unknown[]> => {
  const stop = new AbortController();
  // A call with a signal starts later than one without: with the same signal, they start in order.
  const callWith = (arg: string) => runtime.call(code, { ...withArg(arg), signal: stop.signal });
  const stopped = expect(callWith("spin")).rejects.toMatchObject({ code: "PLUGIN_CANCELLED" });
  const answers = await Promise.all(args.map(callWith));
  stop.abort();
  await stopped;
  return answers;
};

/** Processes that run a plugin, at most so far. */
const watched = (runtime: Runtime) => {
  let most = 0;
  const timer = setInterval(() => {
    const { processes, standby } = runtime.stats();
    most = Math.max(most, processes - standby);
  }, 20);
  return () => {
    clearInterval(timer);
    return most;
  };
};

const spinning = script(`if (ctx.arg === "spin") for (;;); return ctx.arg`);
const perlSpinning = perlScript(`my $arg = $info->{oneshot_param};
  if ($arg eq "spin") { 1 while 1 } return (arg => $arg)`);

test("calls behind it run in a further process, each once", async () => {
  const runtime = openDeno();
  expect(await answersBehind(runtime, spinning, "a", "b", "c")).toEqual(["a", "b", "c"]);
});

test("calls behind it have their effects once, also those that had waited in its process", async () => {
  const runtime = openDeno();
  const asking = script(
    `if (ctx.arg === "spin") { const end = Date.now() + 3000; while (Date.now() < end); return 0; }
     return ctx.library.get("x")`,
  );
  let asked = 0;
  const onHostRequest = async () => ++asked;
  const calls = ["spin", "a", "b"].map((arg) => runtime.call(asking, { ...withArg(arg), onHostRequest }));
  const [spun, ...others] = await Promise.all(calls);
  expect(spun).toBe(0);
  expect(others.sort()).toEqual([1, 2]);
  expect(asked).toBe(2);
});

test("a call that has begun is never run again: it goes on after the spin, or fails with its process", async () => {
  const working = script(
    `if (ctx.arg.startsWith("spin")) { const end = Date.now() + Number(ctx.arg.slice(4)); while (Date.now() < end); return "spun"; }
     await ctx.library.get("x"); await new Promise((resolve) => setTimeout(resolve, 10)); return ctx.arg`,
  );
  for (const [spin, ends] of [
    ["spin2500", ["begun", "spun", "new"]],
    ["spin20000", ["PLUGIN_CRASHED", "PLUGIN_TIMEOUT", "new"]],
  ] as const) {
    const runtime = openDeno();
    const effects: string[] = [];
    const end = (arg: string, timeoutMs: number, onHostRequest = request().onHostRequest) =>
      runtime.call(working, { ...withArg(arg, timeoutMs), onHostRequest }).catch((error) => error.code);
    let spun: Promise<unknown> | undefined;
    const begun = end("begun", 20_000, async () => {
      effects.push("begun");
      spun = end(spin, 4000);
    });
    await vi.waitFor(() => expect(spun).not.toBeUndefined());
    const later = end("new", 20_000, async () => effects.push("new"));
    expect(await Promise.all([begun, spun, later])).toEqual(ends);
    expect(effects).toEqual(["begun", "new"]);
  }
});

test("a version has at most four processes, also if more of its calls spin", async () => {
  const runtime = openDeno({ standby: 0 });
  const most = watched(runtime);
  const calls = Array.from({ length: 6 }, () => runtime.call(spinning, withArg("spin", 6000)));
  for (const call of calls) call.catch(() => {});
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: "PLUGIN_TIMEOUT" });
  expect(most()).toBeLessThanOrEqual(4);
});

test("calls that only wait stay in one process", async () => {
  const runtime = openDeno();
  const waiting = script(
    `if (ctx.arg === "end") for (const end of ends) end(); else await new Promise((end) => ends.push(end));
     return ctx.arg`,
    "const ends = [];",
  );
  const most = watched(runtime);
  const answers = Promise.all(["a", "b", "c"].map((arg) => runtime.call(waiting, withArg(arg))));
  await vi.waitFor(() => expect(runtime.stats().inFlight).toBe(3));
  // Calls that came later are held up for long enough to move, in another runtime.
  expect(await answersBehind(openDeno(), spinning, "d")).toEqual(["d"]);
  await runtime.call(waiting, withArg("end"));
  expect(await answers).toEqual(["a", "b", "c"]);
  expect(most()).toBe(1);
});

test.skipIf(noPerl)(`in Perl too${noPerl ? `, skipped: ${noPerl}` : ""}`, async () => {
  const runtime = openPerl();
  expect(await answersBehind(runtime, perlSpinning, "a", "b")).toEqual([{ arg: "a" }, { arg: "b" }]);
});
