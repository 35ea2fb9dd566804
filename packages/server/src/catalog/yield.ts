import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";

/** Lets other work have its turns during a long computation. */
export interface Yielder {
  /** Whether the computation has held the thread for long enough. */
  isDue(): boolean;
  /** Resolves once all that waited has had a turn. */
  rest(): Promise<void>;
}

/** @param turnMs milliseconds of work between two rests */
export const createYielder = (turnMs = 8): Yielder => {
  let ends = performance.now() + turnMs;
  return {
    isDue: () => performance.now() >= ends,
    rest: async () => {
      await setImmediate();
      ends = performance.now() + turnMs;
    },
  };
};
