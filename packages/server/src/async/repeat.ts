import { setTimeout as delay } from "node:timers/promises";

export interface RepeatOptions {
  /** Milliseconds between the end of a run and the next one, unless the run answers others. */
  everyMs: number;
  /** Milliseconds before the first run; `everyMs` by default. */
  firstMs?: number;
  /** Called with the error of a run, unless it was stopped. */
  onError: (error: unknown) => void;
  /** Waits for milliseconds and rejects when the signal aborts; for tests. */
  wait?: ((ms: number, signal: AbortSignal) => Promise<unknown>) | undefined;
}

/** Ends the repetition: aborts the signal of its task, and resolves when no run is under way. */
export type StopRepeating = (reason?: unknown) => Promise<void>;

const unreferenced = (ms: number, signal: AbortSignal): Promise<unknown> =>
  delay(ms, undefined, { signal, ref: false });

/**
 * Runs a task again and again, one run after the other. It does not keep the process alive.
 * @param task answers the milliseconds until the next run, or undefined for `everyMs`
 */
export const repeat = (
  task: (signal: AbortSignal) => Promise<number | undefined> | Promise<void>,
  { everyMs, firstMs = everyMs, onError, wait = unreferenced }: RepeatOptions,
): StopRepeating => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const runOnce = async (): Promise<number> => {
    try {
      return (await task(signal)) ?? everyMs;
    } catch (error) {
      if (!signal.aborted) onError(error);
      return everyMs;
    }
  };
  const run = async (): Promise<void> => {
    for (let ms = firstMs; !signal.aborted; ) {
      await wait(ms, signal).catch(() => {});
      if (!signal.aborted) ms = await runOnce();
    }
  };
  const running = run();
  return async (reason) => {
    stopping.abort(reason);
    await running;
  };
};
