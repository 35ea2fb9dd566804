import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import PQueue from "p-queue";
import { createTokenBucket, type TokenBucket } from "../../async/token-bucket.ts";

/** Limits of a plugin's use of one capability. Requests over them wait; those over `maxQueued` are rejected. */
export interface ThrottleLimits {
  concurrency: number;
  perSecond: number;
  /**
   * `call`: each call has its own `perSecond`. The number of archives in a batch is the owner's choice, and only the
   * number of requests for one archive is the plugin's.
   */
  per?: "call";
  maxQueued: number;
}

/**
 * Runs a task within the limits of its key. A task that has begun counts until it ends, even if the signal aborts.
 * @throws HitagiError CAPABILITY_LIMIT if too many wait; the signal's reason if it aborts before the task begins
 */
export const createThrottle = () => {
  const queues = new Map<string, PQueue>();
  const queueOf = (key: string, { concurrency, perSecond, per }: ThrottleLimits) => {
    const known = queues.get(key);
    if (known) return known;
    const intervalCap = per === "call" ? Number.POSITIVE_INFINITY : perSecond;
    const queue = new PQueue({ concurrency, interval: 1000, intervalCap });
    queues.set(key, queue);
    return queue;
  };
  return async <T>(
    key: string,
    limits: ThrottleLimits,
    signal: AbortSignal,
    task: () => Promise<T>,
  ): Promise<T> => {
    const queue = queueOf(key, limits);
    if (queue.size >= limits.maxQueued) {
      throw new HitagiError("CAPABILITY_LIMIT", { reason: `${limits.maxQueued} requests of this kind wait` });
    }
    // Every queued request listens to its call's signal.
    setMaxListeners(0, signal);
    signal.throwIfAborted();
    // p-queue stops counting a running task whose signal aborts, so its signal aborts only while the task waits.
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

/** Waits until a call may make another request of a capability that is limited by call. */
export const createCallThrottle = () => {
  const buckets = new Map<string, TokenBucket>();
  const bucketOf = (capability: string, perSecond: number) => {
    const bucket = buckets.get(capability) ?? createTokenBucket(perSecond, perSecond);
    buckets.set(capability, bucket);
    return bucket;
  };
  return async (
    capability: string,
    { per, perSecond }: ThrottleLimits,
    signal: AbortSignal,
  ): Promise<void> => {
    if (per !== "call") return;
    const bucket = bucketOf(capability, perSecond);
    bucket.take(1);
    const seconds = bucket.wait();
    if (seconds > 0) await delay(seconds * 1000, undefined, { signal });
  };
};
