import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import { sha256Of } from "../disk/sha256.ts";
import type { ArtifactShare, PendingArtifacts, RateLimiter } from "../store/types.ts";

export interface GarbageDeps {
  pending: PendingArtifacts;
  /** Where servers share artifacts outside the store. */
  share: ArtifactShare | undefined;
  log: Pick<Logger, "warn">;
}

/**
 * Removes an artifact from an external share. The share cannot check references and remove in one step: if this process is suspended
 * between the two, another server may record the artifact. So it checks again afterwards, and restores a referenced artifact.
 */
const removeFrom = async (
  share: ArtifactShare,
  { pending, log }: GarbageDeps,
  sha256: string,
  ageMs: number,
): Promise<boolean> => {
  if (!(await pending.isGarbage(sha256, ageMs))) return false;
  const found = await share.read(sha256);
  await share.remove(sha256);
  if (await pending.drop(sha256, ageMs)) return true;
  // A server that needs a damaged artifact puts it again.
  if (!found || sha256Of(found.bytes) !== sha256) return false;
  try {
    await share.put(sha256, found.bytes, found.manifest);
  } catch (err) {
    log.warn({ sha256 }, "a removed artifact is needed; a server that has it restores it at its next start");
    throw err;
  }
  log.warn({ sha256 }, "an artifact that was installed while it was being removed was restored");
  return false;
};

/**
 * Removes shared artifacts that no record names and that have not been pending for a while: those of a server that died before it
 * recorded them, and, in an external share, those of versions that were pruned.
 * @param ageMs milliseconds after which a pending artifact counts as abandoned; longer than any lock is held
 * @param signal stops before the next artifact
 * @returns the number of removed artifacts
 * @throws HitagiError ARTIFACTS_UNREACHABLE, ARTIFACTS_UNUSABLE, errors of the store; the next run continues
 */
export const collectGarbage = async (
  deps: GarbageDeps,
  ageMs: number,
  signal?: AbortSignal,
): Promise<number> => {
  const { pending, share } = deps;
  let removed = 0;
  for (const sha256 of await pending.list(ageMs)) {
    if (signal?.aborted) break;
    const isRemoved = share ? removeFrom(share, deps, sha256, ageMs) : pending.drop(sha256, ageMs);
    if (await isRemoved) removed++;
  }
  return removed;
};

export interface GarbageCollectorDeps extends GarbageDeps {
  rateLimiter: RateLimiter;
  log: Pick<Logger, "info" | "warn">;
  /** Milliseconds between two runs, of all servers together. */
  everyMs?: number;
  /** See {@link collectGarbage}. */
  ageMs?: number;
}

export interface GarbageCollector {
  start(): void;
  /** Resolves when no run is in progress. */
  stop(): Promise<void>;
}

const HOUR_MS = 3600_000;

/** The key in the rate limiter. Its other keys are namespaces, which have no colon. */
const RATE_KEY = "sweep:bytes";

/** Collects garbage on a schedule. The rate limiter lets one of the servers on a store collect for all. */
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
