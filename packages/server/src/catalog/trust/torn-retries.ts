import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

export interface TornRetriesDeps {
  refresh: (id: string, signal: AbortSignal) => Promise<unknown>;
  log: Pick<Logger, "info">;
  /** Epoch seconds. */
  now: () => number;
  /** Waits for milliseconds; rejects when the signal aborts. */
  delay?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Seconds of the first pause and of the longest one. */
const FIRST_PAUSE = 60;
const LONGEST_PAUSE = 15 * 60;

/** Refreshes registries again whose files do not fit their head, while they are being published. */
export interface TornRetries {
  /** Called after each refresh that finds it so. @param since epoch seconds of the first one */
  onTorn(id: string, since: number): void;
  stop(): void;
}

const unreferenced = (ms: number, signal: AbortSignal): Promise<unknown> =>
  sleep(ms, undefined, { signal, ref: false });

/** Each pause is as long as all before it together. A refresh that finds files torn for an hour is not tried again. */
export const createTornRetries = ({
  refresh,
  log,
  now,
  delay = unreferenced,
}: TornRetriesDeps): TornRetries => {
  const stopping = new AbortController();
  const waiting = new Set<string>();

  const retry = async (id: string, pauseSeconds: number): Promise<void> => {
    await delay(pauseSeconds * 1000, stopping.signal);
    waiting.delete(id);
    await refresh(id, stopping.signal);
  };

  return {
    onTorn: (id, since) => {
      if (waiting.has(id) || stopping.signal.aborted) return;
      waiting.add(id);
      const pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, now() - since));
      void retry(id, pause).catch((err: unknown) => {
        waiting.delete(id);
        if (!stopping.signal.aborted)
          log.info({ registry: id, err }, "a registry that was torn failed again");
      });
    },
    stop: () => stopping.abort(),
  };
};
