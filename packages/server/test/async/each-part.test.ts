import { expect, test } from "vitest";
import { eachPart } from "../../src/async/each-part.ts";

test("each part is worked on once, and other work gets its turn between them", async () => {
  const seen: unknown[] = [];
  setImmediate(() => seen.push("other work"));
  await eachPart(5, 2, (from, to) => seen.push([from, to]));
  expect(seen).toEqual([[0, 2], "other work", [2, 4], [4, 5]]);
});

test("without items there is no work", async () => {
  const seen: unknown[] = [];
  await eachPart(0, 2, (from, to) => seen.push([from, to]));
  expect(seen).toEqual([]);
});
