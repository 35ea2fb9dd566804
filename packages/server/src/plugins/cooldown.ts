import { setTimeout as sleep } from "node:timers/promises";

/** Keeps the time between the starts of a plugin's calls, for every caller alike. */
export interface Cooldown {
  /**
   * Resolves when the next call of the plugin may start, in the order of asking, and answers whether it had to wait.
   * Rejects with the signal's reason; a caller that gives up takes nobody's turn.
   * @param seconds the plugin's cooldown
   */
  turn(namespace: string, seconds: number, signal: AbortSignal | undefined): Promise<boolean>;
}

interface Turns {
  /** Ends when the caller before has had its turn or given up. */
  last: Promise<unknown>;
  /** When a call started last, on the monotonic clock in milliseconds. */
  started: number;
}

export const createCooldown = (): Cooldown => {
  const plugins = new Map<string, Turns>();

  const waitFor = async (turns: Turns, ms: number, signal: AbortSignal | undefined): Promise<boolean> => {
    signal?.throwIfAborted();
    const wait = turns.started + ms - performance.now();
    if (wait > 0) await sleep(wait, undefined, signal === undefined ? {} : { signal });
    turns.started = performance.now();
    return wait > 0;
  };

  return {
    async turn(namespace, seconds, signal) {
      if (seconds <= 0) return false;
      const turns = plugins.get(namespace) ?? { last: Promise.resolve(), started: Number.NEGATIVE_INFINITY };
      plugins.set(namespace, turns);
      const mine = turns.last.then(() => waitFor(turns, seconds * 1000, signal));
      turns.last = mine.catch(() => {});
      return abortable(mine, signal);
    },
  };
};

/** Settles as soon as the signal aborts, also while others are before this one. */
const abortable = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
};
