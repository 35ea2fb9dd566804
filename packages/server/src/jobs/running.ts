import { setTimeout as sleep } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";
import { cutOff, type RunDeps } from "./run-job.ts";

/** Milliseconds that an aborted job has to end by itself. */
const ABORT_GRACE = 1000;

interface Running {
  task: string;
  controller: AbortController;
  ended: Promise<void>;
  deps: RunDeps;
}

/** Runs jobs, a few at once. A job that is added twice runs once. */
export interface Runner {
  /** Tells that a job waits. */
  add(job: Pick<JobRecord, "id" | "task" | "priority">): void;
  start(): void;
  /** Aborts a job that runs here; answers false where it does not. */
  abort(id: number, reason: HitagiError): boolean;
  /** Begins no more jobs, and gives what runs some time, then an abort. */
  stop(graceMs: number): Promise<void>;
}

/** Resolves when all jobs have ended, or after some milliseconds. */
const endedWithin = async (ms: number, running: Iterable<Running>): Promise<void> => {
  const all = Promise.all([...running].map((job) => job.ended));
  const timeout = new AbortController();
  // Aborted below in every case, which is how this timer ends.
  const elapsed = sleep(ms, undefined, { signal: timeout.signal }).catch(() => {});
  await Promise.race([all, elapsed]);
  timeout.abort();
};

/** The jobs that run now in this process. */
export const createRunning = () => {
  const running = new Map<number, Running>();
  return {
    has: (id: number): boolean => running.has(id),
    size: (): number => running.size,
    /**
     * Runs work on a job until it ends. A job that was lost and comes again while it still runs here is ended first. It never rejects;
     * what the store fails at is logged.
     */
    begin: (
      deps: RunDeps,
      { id, task }: Pick<JobRecord, "id" | "task">,
      work: (signal: AbortSignal) => Promise<void>,
    ): Promise<void> => {
      const before = running.get(id);
      before?.controller.abort(new HitagiError("JOB_INTERRUPTED"));
      const controller = new AbortController();
      const ended = Promise.resolve(before?.ended)
        .then(() => work(controller.signal))
        .catch((err: unknown) => deps.log.error({ err, job: id }, "the store failed a job"))
        .finally(() => {
          if (running.get(id) === mine) running.delete(id);
        });
      const mine: Running = { task, controller, ended, deps };
      running.set(id, mine);
      return ended;
    },
    abort: (id: number, reason: HitagiError): boolean => {
      running.get(id)?.controller.abort(reason);
      return running.has(id);
    },
    /** Gives what runs some time, then an abort; what does not end then is left as after a crash. */
    stop: async (graceMs: number): Promise<void> => {
      await endedWithin(graceMs, running.values());
      for (const { controller } of running.values()) controller.abort(new HitagiError("STOPPING"));
      await endedWithin(ABORT_GRACE, running.values());
      for (const [id, { task, deps }] of running) {
        await deps.store.update(id, cutOff(deps.tasks.get(task), deps.now())).catch((err: unknown) => {
          deps.log.warn({ err, job: id }, "a job that did not end is left to the next start");
        });
      }
    },
  };
};
