import { expect, test } from "vitest";
import { coalesce } from "../../src/async/coalesce.ts";

const held = () => {
  const begun: { resolve: (n: number) => void; reject: (error: unknown) => void }[] = [];
  const steps = coalesce(
    () => new Promise<number>((resolve, reject) => void begun.push({ resolve, reject })),
  );
  return { begun, steps };
};

test("a step runs at once if none is running, otherwise after the current one", async () => {
  const { begun, steps } = held();
  const first = steps.next();
  const [second, third] = [steps.next(), steps.next()];
  expect(begun).toHaveLength(1);
  begun[0]?.resolve(1);
  expect(await first).toBe(1);
  await Promise.resolve();
  expect(begun).toHaveLength(2);
  const fourth = steps.next();
  begun[1]?.resolve(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  begun[2]?.resolve(3);
  expect(await fourth).toBe(3);
});

test("the waiting calls fail with the current run, and the next call starts a new one", async () => {
  const { begun, steps } = held();
  const ends = [steps.next(), steps.next()].map((step) => step.catch((e: unknown) => e));
  begun[0]?.reject("away");
  expect(await Promise.all(ends)).toEqual(["away", "away"]);
  const again = steps.next();
  expect(begun).toHaveLength(2);
  begun[1]?.resolve(1);
  expect(await again).toBe(1);
  await steps.ended();
});
