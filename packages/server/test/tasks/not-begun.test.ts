import { expect, test } from "vitest";
import { countsText } from "../../src/cli/batch-text.ts";
import type { JobRecord } from "../../src/store/types.ts";
import { notBegun } from "../../src/tasks/not-begun.ts";
import { taskCodecs } from "../../src/tasks/task-args.ts";

const none = {
  pending: 0,
  unchanged: 0,
  nothing_found: 0,
  held_back: 0,
  failed: 0,
  skipped: 0,
  undone: 0,
  kept: 0,
};
const counts = { ...none, changed: 25 };
const archives = Array.from({ length: 32 }, (_, n) => `${n}`);

const job = (named: string[] | undefined, more: Partial<JobRecord> = {}) => ({
  args: taskCodecs.runBatch.encode({
    plugin: "p",
    archives: named,
    arg: undefined,
    bySource: false,
    tagRules: false,
  }),
  notes: {},
  state: "failed" as const,
  result: null,
  ...more,
});

test("the archives that a stopped batch has not come to are those that it was given, without those that it began", () => {
  expect(notBegun(job(archives), counts)).toBe(7);
  expect(notBegun(job([...archives, ...archives]), counts)).toBe(7);
  expect(notBegun(job(undefined, { notes: { total: "100" } }), counts)).toBe(75);
  expect(countsText({ ...counts, not_begun: 7 })).toBe("25 changed, 7 not begun");
});

test("a batch over all archives that never started cannot tell, and one that ended well has begun all", () => {
  expect(notBegun(job(undefined), { ...none, changed: 0 })).toBeNull();
  expect(notBegun(job(archives, { state: "finished", result: {} }), counts)).toBe(0);
});
