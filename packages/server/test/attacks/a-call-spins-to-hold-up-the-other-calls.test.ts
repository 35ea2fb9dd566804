import { expect, test, vi } from "vitest";
import type { PluginCode, Runtime } from "../../src/runtimes/types.ts";
import { openRuntime as openDeno, script } from "../runtimes/deno/fixture.ts";
import { noPerl, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

const withArg = (arg: string, timeoutMs = 20_000) => request({ context: { arg, settings: {} }, timeoutMs });

/** Calls a plugin, and answers what ended: first the calls with a result, if they ended before the others. */
const endsOf = async (runtime: Runtime, code: PluginCode, ...args: string[]): Promise<string[]> => {
  const ends: string[] = [];
  await Promise.all(
    args.map((arg) =>
      runtime.call(code, withArg(arg, arg === "spin" ? 6000 : 20_000)).then(
        () => ends.push(arg),
        (error) => ends.push(error.code),
      ),
    ),
  );
  const answered = ends.indexOf("PLUGIN_TIMEOUT");
  return answered < 0 ? ends.sort() : [...ends.slice(0, answered).sort(), ...ends.slice(answered)];
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
  expect(await endsOf(runtime, spinning, "spin", "a", "b", "c")).toEqual(["a", "b", "c", "PLUGIN_TIMEOUT"]);
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
    await vi.waitFor(() => expect(spun).not.toBeUndefined(), 5000);
    const later = end("new", 20_000, async () => effects.push("new"));
    expect(await Promise.all([begun, spun, later])).toEqual(ends);
    expect(effects).toEqual(["begun", "new"]);
  }
});

test("a version has at most four processes, also if more of its calls spin", async () => {
  const runtime = openDeno({ standby: 0 });
  const most = watched(runtime);
  const ends = await endsOf(runtime, spinning, ...Array(6).fill("spin"));
  expect(new Set(ends)).toEqual(new Set(["PLUGIN_TIMEOUT"]));
  expect(most()).toBeLessThanOrEqual(4);
});

test("calls that only wait stay in one process", async () => {
  const runtime = openDeno();
  const sleeping = script(`await new Promise((resolve) => setTimeout(resolve, 2500)); return ctx.arg`);
  const most = watched(runtime);
  expect(await endsOf(runtime, sleeping, "a", "b", "c")).toEqual(["a", "b", "c"]);
  expect(most()).toBe(1);
});

test.skipIf(noPerl)(`in Perl too${noPerl ? `, skipped: ${noPerl}` : ""}`, async () => {
  const runtime = openPerl();
  expect(await endsOf(runtime, perlSpinning, "spin", "a", "b")).toEqual(["a", "b", "PLUGIN_TIMEOUT"]);
});
