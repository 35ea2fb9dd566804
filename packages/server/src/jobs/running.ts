import { HitagiError } from "@hitagi/contract";
import { settlesWithin } from "../async/deadline.ts";
import type { JobRecord } from "../store/types.ts";
import { interrupted } from "./outcome.ts";
import type { Places } from "./places.ts";
import type { RunDeps } from "./types.ts";

/** Milliseconds that an aborted job has to end by itself. */
const ABORT_GRACE = 1000;

interface RunningJob {
  task: string;
  controller: AbortController;
  ended: Promise<void>;
  deps: RunDeps;
  waits: () => boolean;
}

/** Resolves when all jobs have ended, or after some milliseconds. */
const endedWithin = (ms: number, jobs: Iterable<RunningJob>): Promise<boolean> =>
  settlesWithin(ms, Promise.all([...jobs].map((job) => job.ended)));

/** The places for one job, which tell whether it waits outside of them. @param onLeave called when it begins to */
const watchWaits = (places: Places, onLeave: () => void) => {
  let waiting = 0;
  const leave: Places["leave"] = () => {
    waiting++;
    const back = places.leave();
    onLeave();
    return () => {
      waiting--;
      back();
    };
  };
  return { leave, waits: () => waiting > 0 };
};

/** @param places of all jobs */
export const createRunning = (places: Places) => {
  const running = new Map<number, RunningJob>();
  let stopping = false;
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
      run: (signal: AbortSignal, places: Places) => Promise<void>,
    ): Promise<void> => {
      const before = running.get(id);
      before?.controller.abort(new HitagiError("JOB_INTERRUPTED"));
      const controller = new AbortController();
      const { leave, waits } = watchWaits(places, () => {
        if (stopping) controller.abort(new HitagiError("STOPPING"));
      });
      const ended = Promise.resolve(before?.ended)
        .then(() => run(controller.signal, { leave }))
        .catch((err: unknown) => deps.log.error({ err, job: id }, "the store failed while a job ran"))
        .finally(() => {
          if (running.get(id) === job) running.delete(id);
        });
      const job: RunningJob = { task, controller, ended, deps, waits };
      running.set(id, job);
      return ended;
    },
    abort: (id: number, reason: HitagiError): boolean => {
      running.get(id)?.controller.abort(reason);
      return running.has(id);
    },
    /**
     * Aborts jobs that wait outside, which run again later, and waits for the others before it aborts them too. One that still
     * does not end is stored as interrupted.
     */
    stop: async (graceMs: number): Promise<void> => {
      stopping = true;
      for (const { controller, waits } of running.values()) {
        if (waits()) controller.abort(new HitagiError("STOPPING"));
      }
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
