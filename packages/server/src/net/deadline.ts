import { performance } from "node:perf_hooks";
import { HitagiError } from "@hitagi/contract";

/** The time that a piece of work has. */
export interface Deadline {
  /** Aborts when the time is up or the caller gives up; its reason is the error to throw. */
  readonly signal: AbortSignal;
  /** Milliseconds left. */
  remaining(): number;
}

/** Rejects when the signal aborts, so that work which cannot be interrupted (a stuck disk) is still left behind. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

/**
 * Gives a piece of work a total time, whatever it is busy with when that ends.
 * @param file the name that the error gives
 * @param limits `timeoutMs` in milliseconds, and the caller's own signal
 * @throws HitagiError SOURCE_TIMEOUT, or the reason of the caller's signal
 */
export const withDeadline = async <T>(
  file: string,
  limits: { timeoutMs: number; signal?: AbortSignal | undefined },
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> => {
  limits.signal?.throwIfAborted();
  const ends = performance.now() + limits.timeoutMs;
  const controller = new AbortController();
  const { signal } = controller;
  const timedOut = () =>
    controller.abort(new HitagiError("SOURCE_TIMEOUT", { seconds: limits.timeoutMs / 1000, path: file }));
  const cancelled = () => controller.abort(limits.signal?.reason);
  const timer = setTimeout(timedOut, limits.timeoutMs);
  limits.signal?.addEventListener("abort", cancelled, { once: true });
  try {
    return await Promise.race([work({ signal, remaining: () => ends - performance.now() }), aborted(signal)]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", cancelled);
  }
};
