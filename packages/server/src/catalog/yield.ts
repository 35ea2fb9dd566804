import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";

/** Lets other work run during a long computation. */
export interface Yielder {
  /** Whether the computation has held the thread for long enough. */
  isDue(): boolean;
  /** Resolves after the waiting work has run. */
  yield(): Promise<void>;
}

/** @param intervalMs milliseconds of work between two yields */
export const createYielder = (intervalMs = 8): Yielder => {
  let due = performance.now() + intervalMs;
  return {
    isDue: () => performance.now() >= due,
    yield: async () => {
      await setImmediate();
      due = performance.now() + intervalMs;
    },
  };
};
