import PQueue from "p-queue";
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
  const running = createRunning();
  const places = createPlaces((waiting) => {
    queue.concurrency = concurrency + waiting;
  });

  return {
    add: ({ id, task, priority }) => {
      if (queued.has(id) || running.has(id)) return;
      queued.add(id);
      const run = (): Promise<void> => {
        queued.delete(id);
        return running.begin(deps, { id, task }, (signal) =>
          runJob(deps, id, signal, places).then(afterEach),
        );
      };
      void queue.add(run, { priority });
    },
    start: () => void queue.start(),
    abort: running.abort,
    stop: async (graceMs) => {
      queue.pause();
      queue.clear();
      await running.stop(graceMs);
    },
  };
};
