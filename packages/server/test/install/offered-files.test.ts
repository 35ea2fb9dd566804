import { expect, test } from "vitest";
import { offeredFiles } from "../../src/install/offered-files.ts";
import { largeIndex } from "../support/large-index.ts";
import { processorTime } from "../support/processor-time.ts";

/** An index in which each plugin has a version, and a fault that does not hide its file. */
const faulty = (count: number) => {
  const index = largeIndex(count, 1);
  const faults = Object.keys(index.plugins).map((name) => ({
    path: `/plugins/${name}/versions/1.0.0/published_at`,
    reason: "is not a UTC time",
  }));
  return { index, faults };
};

test("the files of an index with four times the faults are found in about four times the time", () => {
  const [small, large] = [faulty(4000), faulty(16_000)];
  expect(offeredFiles(small.index, small.faults)).toHaveLength(4000);
  const timeOf = ({ index, faults }: typeof small) => processorTime(() => offeredFiles(index, faults));
  timeOf(small);
  expect(timeOf(large) / timeOf(small)).toBeLessThan(9);
});
