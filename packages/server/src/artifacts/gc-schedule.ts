import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import type { RateLimiter } from "../store/types.ts";
import { collectGarbage, type GarbageDeps } from "./garbage.ts";

export interface GarbageCollectorDeps extends GarbageDeps {
  rateLimiter: RateLimiter;
  log: Pick<Logger, "info" | "warn">;
  /** Milliseconds between two runs, of all servers together. */
  everyMs?: number;
  /** See {@link collectGarbage}. */
  ageMs?: number;
}

/** Collects garbage on a schedule. */
export interface GarbageCollector {
  start(): void;
  /** Resolves when no run is in progress. */
  stop(): Promise<void>;
}

const HOUR_MS = 3600_000;

/** The key in the rate limiter, whose other keys are namespaces, which have no colon. */
const RATE_KEY = "sweep:bytes";

/** The rate limiter lets one of the servers on a store collect for all. */
export const createGarbageCollector = ({
  rateLimiter,
  everyMs = HOUR_MS,
  ageMs = HOUR_MS,
  ...deps
}: GarbageCollectorDeps): GarbageCollector => {
  let stop: StopRepeating = async () => {};
  const run = async (signal: AbortSignal): Promise<number> => {
    const turn = await rateLimiter.take(RATE_KEY, everyMs);
    if (typeof turn === "number") return turn;
    const versions = await collectGarbage(deps, ageMs, signal);
    if (versions > 0) deps.log.info({ versions }, "removed shared artifacts that no version needs");
    return everyMs;
  };
  return {
    start: () => {
      stop = repeat(run, {
        everyMs,
        firstMs: 0,
        onError: (err) =>
          deps.log.warn({ err }, "unneeded shared artifacts could not be removed; the next hour tries again"),
      });
    },
    stop: () => stop(),
  };
};
