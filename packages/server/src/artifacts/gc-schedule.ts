import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Turns } from "../store/types.ts";
import { type AbandonedDeps, removeAbandoned } from "./garbage.ts";

export interface SweepDeps extends AbandonedDeps {
  turns: Turns;
  log: Pick<Logger, "info" | "warn">;
  /** Milliseconds between two sweeps, of whichever servers. */
  everyMs?: number;
  /** Milliseconds for which bytes that nothing names are left alone. */
  ageMs?: number;
}

/** Removes by the clock what servers have left behind where they share bytes. */
export interface Sweep {
  start(): void;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const HOUR_MS = 3600_000;
/** No plugin's namespace, whose turns have its name. */
const TURN = "sweep:bytes";

/** Of several servers on one store the first whose time has come sweeps for all. */
export const createSweep = ({ turns, everyMs = HOUR_MS, ageMs = HOUR_MS, ...deps }: SweepDeps): Sweep => {
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> = Promise.resolve();

  /** @returns milliseconds until the next look */
  const round = async (): Promise<number> => {
    const turn = await turns.take(TURN, everyMs);
    if (typeof turn === "number") return turn;
    const versions = await removeAbandoned(deps, ageMs, signal);
    if (versions > 0) deps.log.info({ versions }, "removed shared bytes that no version needs");
    return everyMs;
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const ms = await round().catch((err: unknown) => {
        deps.log.warn(
          { err },
          "shared bytes that no version needs could not be removed; the next hour tries again",
        );
        return everyMs;
      });
      await delay(ms, undefined, { signal, ref: false }).catch(() => {});
    }
  };
  return {
    start: () => {
      running = run();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
