import type { JobChange } from "../jobs/observed.ts";
import { outcomeOf } from "../jobs/outcome.ts";
import type { JobRecord } from "../store/types.ts";
import type { Publish } from "./types.ts";

/** Tells of what happens to jobs. */
export const announceJobs =
  (publish: Publish) =>
  (change: JobChange, job: JobRecord): void => {
    const { id, task, state, notes } = job;
    publish({ kind: "job", action: change, job: id, task, state, notes, outcome: outcomeOf(job) });
  };
