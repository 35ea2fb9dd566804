import { HitagiError } from "@hitagi/contract";
import { type Deadline, withDeadline } from "../../async/deadline.ts";

/** Milliseconds for one operation on a share, with its retries. */
export const SHARE_TIMEOUT_MS = 10_000;

/** The share does not answer. The operation may be tried again. */
export const unreachable = (reason: string, cause?: unknown): HitagiError =>
  new HitagiError("ARTIFACTS_UNREACHABLE", { reason }, { cause });

/** The share cannot be used until its owner changes its configuration. */
export const unusable = (reason: string, cause?: unknown): HitagiError =>
  new HitagiError("ARTIFACTS_UNUSABLE", { reason }, { cause });

/**
 * Gives work on a share a total time.
 * @throws HitagiError ARTIFACTS_UNREACHABLE when the time is up, or what the work throws before
 */
export const withTimeout = <T>(timeoutMs: number, work: (deadline: Deadline) => Promise<T>): Promise<T> =>
  withDeadline({ timeoutMs, onTimeout: () => unreachable(`no answer in ${timeoutMs / 1000} s`) }, work);
