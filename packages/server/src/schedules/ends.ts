import { outcomeOf, partsFailed } from "../jobs/outcome.ts";
import type { JobStore } from "../store/types.ts";
import type { StoredSchedules } from "./document.ts";
import { type Ends, isUnderWay, type RunEnd } from "./runs.ts";

/** The job of a run was removed, with its outcome, before anyone read it. */
const GONE: RunEnd = { ended: null, outcome: "JOB_NOT_FOUND" };

/** The ends of those runs whose jobs have ended since they were noted. */
export const endsOf = async ({ schedules }: StoredSchedules, jobs: Pick<JobStore, "get">): Promise<Ends> => {
  const ends = new Map<string, RunEnd>();
  for (const { last } of schedules) {
    if (!isUnderWay(last) || last.job === null) continue;
    const job = await jobs.get(last.job);
    const outcome = job && outcomeOf(job);
    if (job === undefined) ends.set(last.key, GONE);
    else if (typeof outcome === "string")
      ends.set(last.key, { ended: job.finished, outcome, ...partsFailed(job) });
  }
  return ends;
};
