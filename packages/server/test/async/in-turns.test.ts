import { expect, test } from "vitest";
import { eachInTurns, filterInTurns, sortInTurns } from "../../src/async/in-turns.ts";

const numbers = Array.from({ length: 5000 }, (_, n) => (n * 7919) % 5003);

const busy = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

test("each item is worked on once, in its order, and other work gets its turn", async () => {
  const seen: number[] = [];
  const positions: number[] = [];
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await eachInTurns(numbers, (one, n) => {
    if (n % 64 === 0) busy(6);
    seen.push(one);
    positions.push(n);
  });
  clearInterval(timer);
  expect(seen).toEqual(numbers);
  expect(positions.at(-1)).toBe(numbers.length - 1);
  expect(turns).toBeGreaterThan(1);
});

test("the items that are kept stay in their order", async () => {
  const even = (n: number) => n % 2 === 0;
  expect(await filterInTurns(numbers, even)).toEqual(numbers.filter(even));
});

test.each([0, 1, 511, 512, 513, 1500, 5000])(
  "%i items are sorted, stable, and the given ones stay as they are",
  async (count) => {
    const items = numbers.slice(0, count).map((n, at) => ({ key: n % 97, at }));
    const before = [...items];
    const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
    expect(await sortInTurns(items, byKey)).toEqual(before.toSorted(byKey));
    expect(items).toEqual(before);
  },
);
