import { type HitagiError, isHitagiError } from "@hitagi/contract";
import type { ArtifactShare } from "../../store/contract/shared.ts";
import type { ExternalShare } from "../types.ts";

/** A share with a health state. */
export interface MonitoredShare extends ArtifactShare {
  /** Why the share cannot be used now; undefined where it can. Checks it unless it was used recently. */
  fault(): Promise<HitagiError | undefined>;
  close(): Promise<void>;
}

/** Milliseconds for which the result of the last use counts. */
const FRESH_MS = 60_000;

/** Milliseconds for which an unreachable share is not tried again, so that many callers in sequence wait once. */
const PAUSE_MS = 1000;

/** Remembers the result of the last use of a share, so that a health check need not send a request. */
export const monitorShare = (share: ExternalShare, freshMs = FRESH_MS): MonitoredShare => {
  let last: HitagiError | undefined;
  let lastUse = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | undefined;

  const record = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      last = undefined;
      return result;
    } catch (e) {
      if (isHitagiError(e)) last = e;
      throw e;
    } finally {
      lastUse = performance.now();
    }
  };
  const use = async <T>(work: () => Promise<T>): Promise<T> => {
    const isPausing = performance.now() - lastUse < PAUSE_MS;
    if (isPausing && last?.code === "ARTIFACTS_UNREACHABLE") throw last;
    return record(work);
  };
  return {
    put: (...given) => use(() => share.put(...given)),
    has: (...given) => use(() => share.has(...given)),
    read: (...given) => use(() => share.read(...given)),
    remove: (...given) => use(() => share.remove(...given)),
    fault: async () => {
      if (last !== undefined || performance.now() - lastUse > freshMs) {
        checking ??= record(share.check).finally(() => (checking = undefined));
        await checking.catch((e: unknown) => {
          if (!isHitagiError(e)) throw e;
        });
      }
      return last;
    },
    close: share.close,
  };
};
