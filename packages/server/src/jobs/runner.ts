import { setTimeout as sleep } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import PQueue from "p-queue";
import type { JobRecord } from "../store/types.ts";
import { cutOff, type RunDeps, runJob } from "./run-job.ts";

/** Milliseconds that an aborted job has to end by itself. */
const ABORT_GRACE = 1000;

interface Running {
  task: string;
  controller: AbortController;
  ended: Promise<void>;
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

/** The jobs that this process runs, a few at once, by priority and then by age. */
export const createRunner = (deps: RunDeps, concurrency: number, afterEach: () => Promise<void>) => {
  const queue = new PQueue({ concurrency, autoStart: false });
  const queued = new Set<number>();
  const running = new Map<number, Running>();

  const run = async (id: number, task: string): Promise<void> => {
    queued.delete(id);
    const controller = new AbortController();
    const ended = runJob(deps, id, controller.signal)
      .then(afterEach)
      .catch((err: unknown) => deps.log.error({ err, job: id }, "the store failed a job"))
      .finally(() => running.delete(id));
    running.set(id, { task, controller, ended });
    await ended;
  };
  return {
    add: ({ id, task, priority }: Pick<JobRecord, "id" | "task" | "priority">): void => {
      if (queued.has(id) || running.has(id)) return;
      queued.add(id);
      void queue.add(() => run(id, task), { priority });
    },
    start: () => void queue.start(),
    /** Aborts a running job; answers false where it does not run. */
    abort: (id: number, reason: HitagiError): boolean => {
      running.get(id)?.controller.abort(reason);
      return running.has(id);
    },
    /** Lets go of what waits, and gives what runs some time, then an abort. */
    stop: async (graceMs: number): Promise<void> => {
      queue.pause();
      queue.clear();
      await endedWithin(graceMs, running.values());
      for (const { controller } of running.values()) controller.abort(new HitagiError("STOPPING"));
      await endedWithin(ABORT_GRACE, running.values());
      for (const [id, { task }] of running)
        await deps.store.update(id, cutOff(deps.tasks.get(task), deps.now()));
    },
  };
};
