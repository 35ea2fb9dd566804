import { type HitagiError, isHitagiError } from "@hitagi/contract";
import type { ArtifactShare } from "../../store/contract/artifacts.ts";
import type { ExternalShare } from "../types.ts";

/** A share of which is known whether it can be used. */
export interface MonitoredShare extends ArtifactShare {
  /** Why it cannot be used now; undefined where it can. Asks it only where nothing was asked of it lately. */
  fault(): Promise<HitagiError | undefined>;
  close(): Promise<void>;
}

/** Milliseconds for which what was learned last is good enough. */
const FRESH_MS = 60_000;

/** Milliseconds for which a share that did not answer is not asked again: many who ask one after the other wait once. */
const REST_MS = 1000;

/** Remembers how the last thing went that was asked of a share. Whoever asks for its health need not cost a request each time. */
export const monitorShare = (share: ExternalShare, freshMs = FRESH_MS): MonitoredShare => {
  let last: HitagiError | undefined;
  let asked = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | undefined;

  const watch = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      last = undefined;
      return result;
    } catch (e) {
      if (isHitagiError(e)) last = e;
      throw e;
    } finally {
      asked = performance.now();
    }
  };
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    const resting = performance.now() - asked < REST_MS;
    if (resting && last?.code === "ARTIFACTS_UNREACHABLE") throw last;
    return watch(work);
  };
  return {
    put: (...given) => ask(() => share.put(...given)),
    has: (...given) => ask(() => share.has(...given)),
    read: (...given) => ask(() => share.read(...given)),
    remove: (...given) => ask(() => share.remove(...given)),
    fault: async () => {
      if (last !== undefined || performance.now() - asked > freshMs) {
        checking ??= watch(share.check).finally(() => (checking = undefined));
        await checking.catch((e: unknown) => {
          if (!isHitagiError(e)) throw e;
        });
      }
      return last;
    },
    close: share.close,
  };
};
