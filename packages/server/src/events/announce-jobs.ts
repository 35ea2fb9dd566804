import type { JobObserver } from "../jobs/observed.ts";
import { outcomeOf } from "../jobs/outcome.ts";
import type { Publish } from "./types.ts";

/** Publishes an event with each change of a job. */
export const announceJobs =
  (publish: Publish): JobObserver =>
  (action, job) => {
    const { id, task, state, notes } = job;
    publish({ kind: "job", action, job: id, task, state, notes, outcome: outcomeOf(job) });
  };
