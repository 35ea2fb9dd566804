import type { News, Topic } from "../store/types.ts";

/** Milliseconds after which what could not be put in force is tried again. */
const AGAIN_MS = 10_000;

/** What could not be put in force, until it can be. */
export interface RetrySet {
  /** What is to be taken up now: what has changed and, now and then, what failed before. */
  with(changed: News["changed"]): News["changed"];
  /** Notes which of what was taken up could not be put in force. */
  keep(taken: News["changed"], left: readonly Topic[]): void;
}

export const createRetrySet = (): RetrySet => {
  const failed = new Set<Topic>();
  let tried = Number.NEGATIVE_INFINITY;
  return {
    with: (changed) => {
      if (changed === "all" || failed.size === 0 || performance.now() - tried < AGAIN_MS) return changed;
      return [...new Set([...changed, ...failed])];
    },
    keep: (taken, left) => {
      for (const topic of taken === "all" ? [...failed] : taken) failed.delete(topic);
      for (const topic of left) failed.add(topic);
      if (left.length > 0) tried = performance.now();
    },
  };
};
