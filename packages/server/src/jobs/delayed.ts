import type { JobRecord } from "../store/types.ts";

/** What a task returns whose job goes on later: it waits without a worker's place, also over a restart. */
export class Delayed {
  /** Epoch seconds. The job goes on then, or when it is resumed. Undefined for a job that was paused: its record says until when. */
  readonly until: number | undefined;

  constructor(until: number | undefined) {
    this.until = until;
  }
}

type Timed = Pick<JobRecord, "state" | "delayed">;

/** Whether a job waits for its time. @param now epoch seconds */
export const isDelayed = ({ state, delayed = 0 }: Timed, now: number): boolean =>
  state === "inactive" && delayed > now;

/** Whether a job was paused while it runs, so that its task shall return {@link Delayed}. @param now epoch seconds */
export const isPausing = ({ state, delayed = 0 }: Timed, now: number): boolean =>
  state === "active" && delayed > now;

/** The longest time of a timer in milliseconds; a later job is looked at again then. */
const MAX_TIMER = 3_600_000;

type QueuedJob = Pick<JobRecord, "id" | "task" | "priority" | "state" | "delayed">;

/** The delayed jobs of a process that has the queue for itself. */
export const createDelayedJobs = (now: () => number, add: (job: QueuedJob) => void) => {
  const timers = new Map<number, NodeJS.Timeout>();
  const drop = (id: number): void => {
    clearTimeout(timers.get(id));
    timers.delete(id);
  };
  return {
    drop,
    /** Adds a job when its time has come. */
    add: (job: QueuedJob): void => {
      drop(job.id);
      const ms = ((job.delayed ?? 0) - now()) * 1000;
      const again = (): void => {
        timers.delete(job.id);
        add(job);
      };
      timers.set(job.id, setTimeout(again, Math.min(Math.ceil(ms), MAX_TIMER)).unref());
    },
    stop: (): void => {
      for (const id of timers.keys()) drop(id);
    },
  };
};
