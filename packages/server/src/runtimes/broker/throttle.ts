import { setMaxListeners } from "node:events";
import { HitagiError } from "@hitagi/contract";
import PQueue from "p-queue";

/** How much of one thing a plugin may do: more than this waits, and more than `waiting` is refused. */
export interface Pace {
  atOnce: number;
  perSecond: number;
  waiting: number;
}

/**
 * Runs a task at the pace of its key.
 * @throws HitagiError CAPABILITY_LIMIT where too many already wait; the signal's reason where it aborts
 */
export type Throttle = <T>(
  key: string,
  pace: Pace,
  signal: AbortSignal,
  task: () => Promise<T>,
) => Promise<T>;

/** One queue a key. A plugin that asks too fast is slowed down, so that an honest loop needs no care. */
export const createThrottle = (): Throttle => {
  const queues = new Map<string, PQueue>();
  const queueOf = (key: string, pace: Pace) => {
    const known = queues.get(key);
    if (known) return known;
    const queue = new PQueue({ concurrency: pace.atOnce, interval: 1000, intervalCap: pace.perSecond });
    queues.set(key, queue);
    return queue;
  };
  return async (key, pace, signal, task) => {
    const queue = queueOf(key, pace);
    if (queue.size >= pace.waiting) {
      throw new HitagiError("CAPABILITY_LIMIT", { reason: `${pace.waiting} requests of this kind wait` });
    }
    // Each request that waits listens to the signal of its call, of which there may be many.
    setMaxListeners(0, signal);
    return queue.add(task, { signal });
  };
};
