import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createDeferred } from "../../src/async/deferred.ts";
import { createFairTurns } from "../../src/async/fair-turns.ts";

/** Work of keys that ends when the test says so, and in which order it began. */
const open = (places: number) => {
  const turns = createFairTurns(places);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (key: string): Promise<void> =>
    turns(key, () => {
      begun.push(key);
      const { promise, resolve } = createDeferred<void>();
      ends.push(resolve);
      return promise;
    });
  /** Ends the work that began first, and lets what waits begin. */
  const endOne = async (): Promise<void> => {
    await setImmediate();
    ends.shift()?.();
    await setImmediate();
  };
  return { turns, begun, ask, endOne };
};

test("one key has all places while no other waits, and keys that wait take turns", async () => {
  const { begun, ask, endOne } = open(2);
  const all = [..."aaaaabbbc"].map(ask);
  await endOne();
  expect(begun.join("")).toBe("aab");
  for (let n = 0; n < 6; n++) await endOne();
  expect(begun.join("")).toBe("aabacbaba");
  await Promise.all([endOne(), endOne()]);
  await Promise.all(all);
});

test("work that fails leaves its place", async () => {
  const { turns, begun, ask, endOne } = open(1);
  await expect(turns("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  const asked = ask("b");
  await endOne();
  await asked;
  expect(begun).toEqual(["b"]);
});
