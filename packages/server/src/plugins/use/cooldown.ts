import { setTimeout as sleep } from "node:timers/promises";
import type { Manifest, Namespace } from "@hitagi/contract";
import { untilAborted } from "../../async/deadline.ts";
import { createKeyedMutex } from "../../async/keyed-mutex.ts";
import type { RateLimiter } from "../../store/types.ts";

/** The most seconds between two calls; a plugin that asks for more gets this. */
export const MAX_COOLDOWN = 3600;

/** Seconds between the starts of a plugin's calls. */
export const cooldownOf = ({ cooldown = 0 }: Pick<Manifest, "cooldown">): number =>
  Math.min(cooldown, MAX_COOLDOWN);

/** Keeps the time between the starts of a plugin's calls, for all callers. */
export interface Cooldown {
  /**
   * Waits until the next call of the plugin may start. The callers of one server are served in their order; a caller that
   * gives up uses no turn.
   * @param seconds the plugin's cooldown
   * @returns whether it waited
   * @throws the signal's reason
   */
  wait(namespace: Namespace, seconds: number, signal: AbortSignal | undefined): Promise<boolean>;
}

/** A rate limiter of this process, on the monotonic clock. */
export const createLocalRateLimiter = (): RateLimiter => {
  /** The time of each key's last turn, in milliseconds. */
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

/** @param turns shared with other servers; of this process alone by default */
export const createCooldown = (turns: RateLimiter = createLocalRateLimiter()): Cooldown => {
  const mutex = createKeyedMutex();

  const waitFor = async (key: string, ms: number, signal: AbortSignal | undefined): Promise<boolean> => {
    for (let waited = false; ; waited = true) {
      signal?.throwIfAborted();
      const turn = await turns.take(key, ms);
      if (typeof turn === "number") {
        await sleep(Math.ceil(turn), undefined, signal === undefined ? {} : { signal });
        continue;
      }
      if (!signal?.aborted) return waited;
      await turn.giveBack();
    }
  };

  return {
    async wait(namespace, seconds, signal) {
      if (seconds <= 0) return false;
      const waited = mutex.run(namespace, () => waitFor(namespace, seconds * 1000, signal));
      return untilAborted(waited, signal);
    },
  };
};
