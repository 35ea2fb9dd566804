/** The time that a piece of work has. */
export interface Deadline {
  /** Aborts when the time is up or the caller gives up; its reason is the error to throw. */
  readonly signal: AbortSignal;
  remaining(): number;
}

export interface DeadlineOptions {
  timeoutMs: number;
  /** The error to throw when the time is up. */
  onTimeout: () => Error;
  signal?: AbortSignal | undefined;
}

/**
 * Waits for a promise until the signal aborts. What the promise stands for goes on: a stuck disk cannot be interrupted.
 * @param reasonOf the error to throw; the signal's reason by default
 */
export const untilAborted = async <T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  reasonOf: (signal: AbortSignal) => unknown = ({ reason }) => reason,
): Promise<T> => {
  if (signal === undefined) return promise;
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(reasonOf(signal));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
};

/**
 * Gives a piece of work a total time. Work that ignores the signal is left behind.
 * @throws the error of `onTimeout`, the reason of the caller's signal, or what the work throws before
 */
export const withDeadline = async <T>(
  { timeoutMs, onTimeout, signal: caller }: DeadlineOptions,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> => {
  caller?.throwIfAborted();
  const ends = performance.now() + timeoutMs;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(onTimeout()), timeoutMs);
  const signal = caller ? AbortSignal.any([caller, timeout.signal]) : timeout.signal;
  try {
    return await untilAborted(work({ signal, remaining: () => ends - performance.now() }), signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
};

/** Whether a promise settles within some milliseconds. Never rejects. */
export const settlesWithin = async (timeoutMs: number, promise: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, late]).finally(() => clearTimeout(timer));
};
