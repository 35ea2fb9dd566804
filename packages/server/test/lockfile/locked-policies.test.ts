import { expect, test } from "vitest";
import { policyChanges } from "../../src/lockfile/locked-policies.ts";
import { processorTime } from "../support/processor-time.ts";

/** Tag rules of so many lines, of which none is in another text. */
const rules = (count: number, word: string) => ({
  fields: [],
  tags: { enabled: true, text: Array.from({ length: count }, (_, n) => `${word}${n}`).join("\n") },
});

test("tag rules of four times the lines are compared in about four times the time", () => {
  const compare = (count: number) => policyChanges(rules(count, "a"), rules(count, "b"));
  expect(compare(2)).toEqual([{ policy: "tags", removed: ["a0", "a1"], added: ["b0", "b1"] }]);
  const timeOf = (count: number) => processorTime(() => compare(count));
  timeOf(5000);
  expect(timeOf(20_000) / timeOf(5000)).toBeLessThan(9);
});
