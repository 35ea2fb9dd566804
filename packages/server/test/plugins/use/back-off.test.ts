import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createBackOff, pausesIn } from "../../../src/plugins/use/back-off.ts";
import type { Refusal } from "../../../src/plugins/use/refusals.ts";

const site = toNamespace("site");
const limited: Refusal = { code: "PLUGIN_LIMITED", reason: "example.org answered 429" };
const forbidden: Refusal = { code: "PLUGIN_LIMITED", reason: "example.org answered 403", ofArchive: true };

/** A back-off whose time passes only while it waits. */
const opened = (checkpoint?: unknown, at = 1_000_000) => {
  const clock = { now: at, slept: [] as number[] };
  const kept: unknown[] = [];
  const backOff = createBackOff({
    checkpoint,
    keep: async (state) => void kept.push(structuredClone(state)),
    now: () => clock.now,
    sleep: async (ms) => {
      clock.slept.push(ms / 1000);
      clock.now += ms / 1000;
    },
  });
  const mayCall = () => backOff.mayCall(site, undefined);
  const refuse = (refusal = limited, archive = "a") => backOff.refused(site, archive, refusal, clock.now);
  return { backOff, clock, kept, mayCall, refuse };
};

test("the first refusals slow the plugin down, the next ones pause it, for longer each time", async () => {
  const { backOff, clock, mayCall, refuse } = opened();
  const pauses: number[] = [];
  for (let n = 0; n < 2; n++) {
    clock.now += 1;
    await refuse();
    expect(await mayCall()).toBe(true);
  }
  expect(clock.slept).toEqual([5, 30]);
  for (let n = 0; n < 8; n++) {
    clock.now += 1;
    await refuse();
    expect(await mayCall()).toBe(false);
    expect(backOff.isPaused(site)).toBe(true);
    pauses.push(backOff.firstEnd([site]) - clock.now);
    clock.now = backOff.firstEnd([site]);
  }
  expect(pauses).toEqual([900, 1800, 3600, 7200, 14_400, 21_600, 21_600, 21_600]);
});

test("a site's own time counts, up to a day", async () => {
  const { backOff, clock, mayCall, refuse } = opened();
  await refuse({ ...limited, retryAfter: 20 });
  expect(await mayCall()).toBe(true);
  expect(clock.slept).toEqual([20]);
  clock.now += 1;
  await refuse({ ...limited, retryAfter: 9 ** 9 });
  expect(backOff.firstEnd([site]) - clock.now).toBe(24 * 3600);
});

test("refusals of calls that ran at the same time count once", async () => {
  const { backOff, clock, mayCall } = opened();
  const begun = clock.now;
  clock.now += 2;
  for (const archive of ["a", "b", "c", "d"]) await backOff.refused(site, archive, limited, begun);
  expect(await mayCall()).toBe(true);
  expect(clock.slept).toEqual([5]);
});

test("calls are spaced out until enough of them worked", async () => {
  const { backOff, clock, mayCall, refuse } = opened();
  await refuse();
  await mayCall();
  clock.slept.length = 0;
  for (let n = 0; n < 10; n++) {
    await backOff.worked(site);
    await mayCall();
  }
  expect(clock.slept).toEqual(Array(9).fill(1));
  await refuse();
  expect(backOff.firstEnd([site]) - clock.now).toBe(5);
});

test("a login that fails pauses its plugin until it is resumed; other plugins go on", async () => {
  const { backOff, mayCall, refuse, clock } = opened();
  await refuse({ code: "LOGIN_FAILED", reason: "wrong password" });
  clock.now += 10 ** 6;
  expect(await mayCall()).toBe(false);
  expect(backOff.firstEnd([site])).toBe(Number.POSITIVE_INFINITY);
  expect(await backOff.mayCall(toNamespace("other"), undefined)).toBe(true);
  expect(backOff.isPaused(toNamespace("other"))).toBe(false);
});

test("what is kept lets another server go on with the pause, and shows it", async () => {
  const first = opened();
  await first.refuse({ ...limited, retryAfter: 7200 });
  const kept = JSON.parse(JSON.stringify(first.kept.at(-1)));
  const { now } = first.clock;
  expect(pausesIn(kept, now)).toEqual([
    { plugin: "site", code: "PLUGIN_LIMITED", reason: limited.reason, since: now, until: now + 7200 },
  ]);
  expect(pausesIn(kept, now + 7201)).toEqual([]);
  const second = opened(kept, now + 60);
  expect(await second.mayCall()).toBe(false);
  second.clock.now = now + 7201;
  expect(await second.mayCall()).toBe(true);
  for (const bad of [undefined, null, [], "x", [{ plugin: "site" }]]) {
    expect(await opened(bad).mayCall()).toBe(true);
    expect(pausesIn(bad, now)).toEqual([]);
  }
});

test("an archive that is refused while others work is the cause, and costs the others nothing", async () => {
  const { backOff, clock, mayCall, refuse } = opened();
  expect(await refuse(forbidden, "bad")).toBe(false);
  await mayCall();
  await backOff.worked(site);
  clock.now += 1;
  expect(await refuse(forbidden, "bad")).toBe(true);
  clock.slept.length = 0;
  expect(await mayCall()).toBe(true);
  expect(clock.slept.every((seconds) => seconds <= 1)).toBe(true);
});

test("an archive that is refused while nothing works is the cause only after several pauses", async () => {
  const { clock, refuse, backOff } = opened();
  const causes: boolean[] = [];
  for (let n = 0; n < 5; n++) {
    clock.now = Math.max(clock.now, Math.min(backOff.firstEnd([site]), 10 ** 9)) + 1;
    causes.push(await refuse(forbidden, "bad"));
  }
  expect(causes).toEqual([false, false, false, false, true]);
  expect(await refuse(limited, "bad")).toBe(false);
});
