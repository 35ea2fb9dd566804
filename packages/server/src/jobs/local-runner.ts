import PQueue from "p-queue";
import { type RunDeps, runJob } from "./run-job.ts";
import { createRunning, type Runner } from "./running.ts";

/** Runs the jobs of a store that is this process' alone, a few at once, by priority and then by age. */
export const createRunner = (deps: RunDeps, concurrency: number, afterEach: () => Promise<void>): Runner => {
  const queue = new PQueue({ concurrency, autoStart: false });
  const queued = new Set<number>();
  const running = createRunning();

  return {
    add: ({ id, task, priority }) => {
      if (queued.has(id) || running.has(id)) return;
      queued.add(id);
      const run = (): Promise<void> => {
        queued.delete(id);
        return running.begin(deps, { id, task }, (signal) => runJob(deps, id, signal).then(afterEach));
      };
      void queue.add(run, { priority });
    },
    start: () => void queue.start(),
    abort: running.abort,
    /** What waits is left for the next start. */
    stop: async (graceMs) => {
      queue.pause();
      queue.clear();
      await running.stop(graceMs);
    },
  };
};
