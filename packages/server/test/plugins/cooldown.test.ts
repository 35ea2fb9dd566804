import { expect, test } from "vitest";
import { createCooldown } from "../../src/plugins/cooldown.ts";

test("calls of one plugin start a cooldown apart, in the order of asking", async () => {
  const cooldown = createCooldown();
  const begun = performance.now();
  const starts: [number, number][] = [];
  await Promise.all(
    [0, 1, 2].map(async (n) => {
      await cooldown.turn("slow", 0.15, undefined);
      starts.push([n, performance.now() - begun]);
    }),
  );
  expect(starts.map(([n]) => n)).toEqual([0, 1, 2]);
  const [first = 0, second = 0, third = 0] = starts.map(([, at]) => at);
  expect(first).toBeLessThan(140);
  expect(second - first).toBeGreaterThan(140);
  expect(third - second).toBeGreaterThan(140);
});

test("a caller is told whether it waited; other plugins and those without a cooldown do not", async () => {
  const cooldown = createCooldown();
  expect(await cooldown.turn("slow", 0.1, undefined)).toBe(false);
  expect(await cooldown.turn("slow", 0.1, undefined)).toBe(true);
  expect(await cooldown.turn("other", 60, undefined)).toBe(false);
  expect(await cooldown.turn("other", 0, undefined)).toBe(false);
});

test("who gives up is free at once, behind others too, and takes nobody's turn", async () => {
  const cooldown = createCooldown();
  const abort = new AbortController();
  await cooldown.turn("slow", 0.3, undefined);
  const second = cooldown.turn("slow", 0.3, undefined);
  const givesUp = cooldown.turn("slow", 3600, abort.signal);
  const last = cooldown.turn("slow", 0.3, undefined);
  abort.abort(new Error("no more"));
  await expect(givesUp).rejects.toThrow("no more");
  await second;
  const begun = performance.now();
  await last;
  expect(performance.now() - begun).toBeLessThan(2_000);
});

test("a caller that gave up before has no turn", async () => {
  const cooldown = createCooldown();
  await expect(cooldown.turn("slow", 1, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  expect(await cooldown.turn("slow", 1, undefined)).toBe(false);
});
