import { HitagiError, isHitagiError } from "@hitagi/contract";
import { withDeadline } from "../../net/deadline.ts";

/** Milliseconds that anything asked of a share may take in all. */
export const SHARE_TIMEOUT_MS = 10_000;

/** The share does not answer now; what was asked of it can be asked again. */
export const unreachable = (reason: string, cause?: unknown): HitagiError =>
  new HitagiError("ARTIFACTS_UNREACHABLE", { reason }, { cause });

/** The share is set up so that it cannot be used, until its owner changes that. */
export const unusable = (reason: string, cause?: unknown): HitagiError =>
  new HitagiError("ARTIFACTS_UNUSABLE", { reason }, { cause });

/**
 * Work on a share, given up after a time, also where it cannot be interrupted.
 * @throws HitagiError ARTIFACTS_UNREACHABLE where the time is up, and what the work throws
 */
export const withTimeout = async <T>(
  timeoutMs: number,
  work: Parameters<typeof withDeadline<T>>[2],
): Promise<T> => {
  try {
    return await withDeadline("artifacts", { timeoutMs }, work);
  } catch (e) {
    if (isHitagiError(e, "SOURCE_TIMEOUT")) throw unreachable(`no answer in ${timeoutMs / 1000} s`, e);
    throw e;
  }
};
