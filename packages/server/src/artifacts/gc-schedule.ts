import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import type { RateLimiter } from "../store/types.ts";
import { collectGarbage, type GarbageDeps } from "./garbage.ts";

export interface GarbageCollectorDeps extends GarbageDeps {
  rateLimiter: RateLimiter;
  log: Pick<Logger, "info" | "warn">;
  /** Milliseconds between two sweeps, of whichever servers. */
  everyMs?: number;
  /** Milliseconds for which bytes that nothing names are left alone. */
  ageMs?: number;
}

/** Removes by the clock what servers have left behind where they share bytes. */
export interface GarbageCollector {
  start(): void;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const HOUR_MS = 3600_000;
/** No plugin's namespace, whose rateLimiter have its name. */
const TURN = "sweep:bytes";

/** Of several servers on one store the first whose time has come sweeps for all. */
export const createGarbageCollector = ({
  rateLimiter,
  everyMs = HOUR_MS,
  ageMs = HOUR_MS,
  ...deps
}: GarbageCollectorDeps): GarbageCollector => {
  let stop: StopRepeating = async () => {};

  /** @returns milliseconds until the next look */
  const round = async (signal: AbortSignal): Promise<number> => {
    const turn = await rateLimiter.take(TURN, everyMs);
    if (typeof turn === "number") return turn;
    const versions = await collectGarbage(deps, ageMs, signal);
    if (versions > 0) deps.log.info({ versions }, "removed shared bytes that no version needs");
    return everyMs;
  };
  const onError = (err: unknown): void => {
    deps.log.warn(
      { err },
      "shared bytes that no version needs could not be removed; the next hour tries again",
    );
  };
  return {
    start: () => {
      stop = repeat(round, { everyMs, firstMs: 0, onError });
    },
    stop: () => stop(),
  };
};
