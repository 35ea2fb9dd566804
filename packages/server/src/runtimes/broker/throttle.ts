import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import PQueue from "p-queue";
import { createTokenBucket, type TokenBucket } from "../../async/token-bucket.ts";

/** How much of one thing a plugin may do: more than this waits, and more than `waiting` is refused. */
export interface Pace {
  atOnce: number;
  perSecond: number;
  /**
   * `call` where each call has a second's worth of its own: what a plugin does to many archives is as much as its owner
   * started, and only what it does to one is its own choice.
   */
  per?: "call";
  waiting: number;
}

/**
 * Runs a task at the pace of its key. A task that began counts until it ends, whatever becomes of the signal.
 * @throws HitagiError CAPABILITY_LIMIT where too many already wait; the signal's reason where it aborts before the task began
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
  const queueOf = (key: string, { atOnce, perSecond, per }: Pace) => {
    const known = queues.get(key);
    if (known) return known;
    const intervalCap = per === "call" ? Number.POSITIVE_INFINITY : perSecond;
    const queue = new PQueue({ concurrency: atOnce, interval: 1000, intervalCap });
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
    signal.throwIfAborted();
    // A queue forgets a running task whose signal aborts, so it is given one that only aborts while the task waits.
    const waiting = new AbortController();
    const leave = () => waiting.abort(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    const begin = () => {
      signal.removeEventListener("abort", leave);
      return task();
    };
    return queue.add(begin, { signal: waiting.signal });
  };
};

/** Waits until one call may do another thing of a kind whose pace is counted by call. */
export type CallPace = (kind: string, pace: Pace, signal: AbortSignal) => Promise<void>;

/** The paces of one call. */
export const createCallPace = (): CallPace => {
  const allowances = new Map<string, TokenBucket>();
  const allowanceOf = (kind: string, perSecond: number) => {
    const known = allowances.get(kind) ?? createTokenBucket(perSecond, perSecond);
    allowances.set(kind, known);
    return known;
  };
  return async (kind, { per, perSecond }, signal) => {
    if (per !== "call") return;
    const allowance = allowanceOf(kind, perSecond);
    allowance.take(1);
    const seconds = allowance.wait();
    if (seconds > 0) await delay(seconds * 1000, undefined, { signal });
  };
};
