import type { JobObserver } from "../jobs/observed.ts";
import { outcomeOf } from "../jobs/outcome.ts";
import { subjectOfJob } from "../tasks/subjects.ts";
import type { History } from "./types.ts";

/** Records the end of each job, with the actor who queued it. */
export const recordJobs =
  (history: Pick<History, "record">): JobObserver =>
  (change, job) => {
    if (change !== "ended") return;
    const { created, started, finished } = job;
    const time = started ?? created;
    history.record({
      time,
      actor: job.actor,
      action: job.task,
      subject: subjectOfJob(job),
      outcome: outcomeOf(job) ?? "INTERNAL",
      ms: Math.max(0, Math.round(((finished ?? time) - time) * 1000)),
      job: job.id,
    });
  };
