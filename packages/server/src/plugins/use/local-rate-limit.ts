import type { RateLimiter } from "../../store/types.ts";

/** The turns of one process, on the monotonic clock. */
export const createLocalRateLimiter = (): RateLimiter => {
  /** When the last turn of each key was taken, in milliseconds. */
  const taken = new Map<string, number>();
  return {
    take: async (key, everyMs) => {
      const [before, now] = [taken.get(key), performance.now()];
      const wait = (before ?? Number.NEGATIVE_INFINITY) + everyMs - now;
      if (wait > 0) return wait;
      taken.set(key, now);
      const giveBack = async (): Promise<void> => {
        if (taken.get(key) !== now) return;
        if (before === undefined) taken.delete(key);
        else taken.set(key, before);
      };
      return { giveBack };
    },
  };
};
