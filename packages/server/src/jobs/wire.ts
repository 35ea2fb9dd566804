import { type JobDetail, type JobStatus, redact } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";

/** Epoch seconds as text with at most milliseconds, because LANraragi's clients refuse numbers here. */
const epochText = (seconds: number): string => String(Number(seconds.toFixed(3)));
const epochOrNull = (seconds: number | null): string | null => (seconds === null ? null : epochText(seconds));

/** Every reader sees jobs, and a URL may hold a secret. */
const shown = (argument: unknown): unknown => (typeof argument === "string" ? redact(argument) : argument);

/** A job for the call without a key: notes are null where there are none. */
export const statusOf = ({ task, state, notes, error }: JobRecord): JobStatus => ({
  task,
  state,
  notes: Object.keys(notes).length === 0 ? null : notes,
  error,
});

/** When a job began to run; null while it waits, also where it ran before it was paused. */
const runningSince = ({ state, started }: JobRecord): number | null =>
  state === "inactive" ? null : started;

/**
 * A job in Minion's form. What Hitagi has no use for (dependencies, queues) has the value of a job that
 * does not use it. `worker` is this one process: 1 for a job that it took up, and 0 for one that waits or never ran,
 * because LANraragi's clients refuse null here.
 * @param now the server's time in epoch seconds
 */
export const detailOf = (job: JobRecord, now: number): JobDetail => ({
  id: job.id,
  args: job.args.map(shown),
  attempts: job.attempts,
  children: [],
  created: epochText(job.created),
  delayed: epochText(Math.max(job.created, job.delayed ?? 0)),
  error: job.error,
  expires: null,
  finished: epochOrNull(job.finished),
  lax: 0,
  notes: job.notes,
  parents: [],
  priority: job.priority,
  queue: "default",
  result: job.result ?? null,
  retried: null,
  retries: job.retries,
  started: epochOrNull(runningSince(job)),
  state: job.state,
  task: job.task,
  time: epochText(now),
  worker: runningSince(job) === null ? 0 : 1,
});
