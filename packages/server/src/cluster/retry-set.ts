import type { News, Topic } from "../store/types.ts";

const RETRY_MS = 10_000;

/** The changes that could not be applied, until they can. */
export interface RetrySet {
  /** What is to be applied now: new changes, and every 10 s those that failed. */
  with(changed: News["changed"]): News["changed"];
  /** Notes which of the tried changes failed. */
  keep(tried: News["changed"], failed: readonly Topic[]): void;
}

export const createRetrySet = (): RetrySet => {
  const waiting = new Set<Topic>();
  let failedAt = Number.NEGATIVE_INFINITY;
  return {
    with: (changed) => {
      if (changed === "all" || waiting.size === 0 || performance.now() - failedAt < RETRY_MS) return changed;
      return [...new Set([...changed, ...waiting])];
    },
    keep: (tried, failed) => {
      for (const topic of tried === "all" ? [...waiting] : tried) waiting.delete(topic);
      for (const topic of failed) waiting.add(topic);
      if (failed.length > 0) failedAt = performance.now();
    },
  };
};
