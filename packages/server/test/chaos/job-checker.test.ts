import { expect, test } from "vitest";
import { checkJobs, type JobEnd, type QueuedJob } from "../../chaos/job-checker.ts";

const job: QueuedJob = { id: 7, token: "t7", by: "node-1" };
const ended: JobEnd = { state: "finished", finished: "12.5", success: true, code: undefined };
const failed: JobEnd = { state: "failed", finished: "12.5", success: false, code: "JOB_INTERRUPTED" };

const judged = (seen: (JobEnd | undefined)[], effects: number) =>
  checkJobs([job], new Map([[7, seen]]), new Map([["t7", effects]])).map(({ kind }) => kind);

test.each<[string, (JobEnd | undefined)[], number, string[]]>([
  ["that succeeded, with one effect, shown alike by all", [ended, ended], 1, []],
  ["that was cut off before its effect", [failed], 0, []],
  ["that was cut off after its effect", [failed], 1, []],
  ["that no node knows", [ended, undefined], 1, ["lost job"]],
  ["that was never looked at", [], 0, ["lost job"]],
  ["that succeeded without an effect", [ended], 0, ["lost job"]],
  ["that did it twice", [ended], 2, ["doubled job"]],
  ["that failed and did it twice", [failed], 2, ["doubled job"]],
  ["that does not end", [{ ...ended, state: "active", finished: null }], 1, ["endless job"]],
  ["that ended, and again later", [ended, { ...ended, finished: "13" }], 1, ["job that ended twice"]],
  ["that failed and then succeeded", [failed, ended], 1, ["job that ended twice"]],
])("a job %s", (_, seen, effects, kinds) => {
  expect(judged(seen, effects)).toEqual(kinds);
});
