import { expect, test } from "vitest";
import { inRounds } from "../../src/lockfile/in-rounds.ts";

/** Removes things that others may still need. */
const remover = (needs: Record<string, string[]>) => {
  const there = new Set(Object.keys(needs));
  return async (name: string): Promise<void> => {
    const users = [...there].filter((one) => needs[one]?.includes(name));
    if (users.length > 0) throw new Error(`${users.join(", ")} needs ${name}`);
    there.delete(name);
  };
};

test("what others need is done after them", async () => {
  expect(await inRounds(["a", "b", "c"], remover({ a: [], b: ["a"], c: ["b"] }))).toEqual([]);
});

test("it ends where nothing more can be done, and says why", async () => {
  const left = await inRounds(["a", "b"], remover({ a: [], b: ["a"], other: ["b"] }));
  expect(left.map(({ item, error }) => [item, String(error)])).toEqual([
    ["a", "Error: b needs a"],
    ["b", "Error: other needs b"],
  ]);
});
