import { HitagiError } from "@hitagi/contract";
import { settlesWithin } from "../async/deadline.ts";
import type { JobRecord } from "../store/types.ts";
import { interrupted } from "./outcome.ts";
import type { RunDeps } from "./types.ts";

/** Milliseconds that an aborted job has to end by itself. */
const ABORT_GRACE = 1000;

interface RunningJob {
  task: string;
  controller: AbortController;
  ended: Promise<void>;
  deps: RunDeps;
}

/** Resolves when all jobs have ended, or after some milliseconds. */
const endedWithin = (ms: number, jobs: Iterable<RunningJob>): Promise<boolean> =>
  settlesWithin(ms, Promise.all([...jobs].map((job) => job.ended)));

export const createRunning = () => {
  const running = new Map<number, RunningJob>();
  return {
    has: (id: number): boolean => running.has(id),
    size: (): number => running.size,
    /**
     * Runs a job until it ends. Where the same job still runs here, because its claim was lost and given again, that run is
     * ended first. Never rejects: errors of the store are logged.
     */
    begin: (
      deps: RunDeps,
      { id, task }: Pick<JobRecord, "id" | "task">,
      run: (signal: AbortSignal) => Promise<void>,
    ): Promise<void> => {
      const before = running.get(id);
      before?.controller.abort(new HitagiError("JOB_INTERRUPTED"));
      const controller = new AbortController();
      const ended = Promise.resolve(before?.ended)
        .then(() => run(controller.signal))
        .catch((err: unknown) => deps.log.error({ err, job: id }, "the store failed while a job ran"))
        .finally(() => {
          if (running.get(id) === job) running.delete(id);
        });
      const job: RunningJob = { task, controller, ended, deps };
      running.set(id, job);
      return ended;
    },
    abort: (id: number, reason: HitagiError): boolean => {
      running.get(id)?.controller.abort(reason);
      return running.has(id);
    },
    /** Waits for running jobs, then aborts them. One that still does not end is stored as interrupted. */
    stop: async (graceMs: number): Promise<void> => {
      await endedWithin(graceMs, running.values());
      for (const { controller } of running.values()) controller.abort(new HitagiError("STOPPING"));
      await endedWithin(ABORT_GRACE, running.values());
      for (const [id, { task, deps }] of running) {
        await deps.store.update(id, interrupted(deps.tasks.get(task), deps.now())).catch((err: unknown) => {
          deps.log.warn({ err, job: id }, "a job that does not end could not be stored as interrupted");
        });
      }
    },
  };
};
