import { setTimeout as sleep } from "node:timers/promises";
import type { Namespace } from "@hitagi/contract";
import { untilAborted } from "../../async/deadline.ts";
import { createKeyedMutex } from "../../async/keyed-mutex.ts";
import type { RateLimiter } from "../../store/types.ts";
import { createLocalRateLimiter } from "./local-rate-limit.ts";

/** Keeps the time between the starts of a plugin's calls, for every caller alike. */
export interface Cooldown {
  /**
   * Resolves when the next call of the plugin may start, in the order of asking, and answers whether it had to wait.
   * Rejects with the signal's reason; a caller that gives up takes nobody's turn. Servers that share the turns take them as they
   * come, each in the order of its own callers.
   * @param seconds the plugin's cooldown
   */
  turn(namespace: Namespace, seconds: number, signal: AbortSignal | undefined): Promise<boolean>;
}

/** @param turns those that other servers take too; where not given, this process has them for itself */
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
    async turn(namespace, seconds, signal) {
      if (seconds <= 0) return false;
      const waited = mutex.run(namespace, () => waitFor(namespace, seconds * 1000, signal));
      return untilAborted(waited, signal);
    },
  };
};
