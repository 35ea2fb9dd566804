import type { BatchCounts } from "@hitagi/contract";
import { isDone } from "../jobs/outcome.ts";
import type { JobRecord } from "../store/types.ts";
import { taskCodecs } from "./task-args.ts";

/**
 * The number of archives that a batch has not come to.
 * @param counts of its archives by outcome
 * @returns null for a batch over all archives that never started
 */
export const notBegun = (
  job: Pick<JobRecord, "args" | "notes" | "state" | "result">,
  counts: BatchCounts,
): number | null => {
  if (isDone(job)) return 0;
  const named = taskCodecs.runBatch.decode(job.args)?.archives;
  const total = job.notes.total === undefined ? named && new Set(named).size : Number(job.notes.total);
  if (total === undefined) return null;
  const begun = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Math.max(0, total - begun);
};
