import PQueue from "p-queue";
import type { JobRecord } from "../store/types.ts";
import { createDelayedJobs, isDelayed } from "./delayed.ts";
import { createPlaces } from "./places.ts";
import { runJob } from "./run-job.ts";
import { createRunning } from "./running.ts";
import type { RunDeps, Runner } from "./types.ts";

/** Runs the jobs of a store that only this process uses: by priority, then oldest first. */
export const createLocalRunner = (
  deps: RunDeps,
  concurrency: number,
  afterEach: () => Promise<void>,
): Runner => {
  const queue = new PQueue({ concurrency, autoStart: false });
  const queued = new Set<number>();
  const places = createPlaces((waiting) => {
    queue.concurrency = concurrency + waiting;
  });
  const running = createRunning(places);
  const delayed = createDelayedJobs(deps.now, (job) => runner.add(job));

  const runner: Runner = {
    add: (job) => {
      const { id, task, priority } = job;
      if (queued.has(id) || running.has(id)) return;
      if (isDelayed(job, deps.now())) return delayed.add(job);
      delayed.drop(id);
      queued.add(id);
      const run = async (): Promise<void> => {
        queued.delete(id);
        let left: JobRecord | undefined;
        await running.begin(deps, { id, task }, async (signal, own) => {
          left = await runJob(deps, id, signal, own);
          await afterEach();
        });
        if (left?.state === "inactive") runner.add(left);
      };
      void queue.add(run, { priority });
    },
    start: () => void queue.start(),
    abort: running.abort,
    stop: async (graceMs) => {
      queue.pause();
      queue.clear();
      delayed.stop();
      await running.stop(graceMs);
      delayed.stop();
    },
  };
  return runner;
};
