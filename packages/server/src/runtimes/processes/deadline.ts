import type { HitagiError } from "@hitagi/contract";

/** What a wait may end by, besides what is waited for. */
export interface Limits {
  /** No limit where not given. */
  ms?: number;
  signal?: AbortSignal | undefined;
  onTimeout?: () => HitagiError;
  onAbort: () => HitagiError;
}

/** Waits for a promise, but no longer than the limits allow. What is waited for goes on. */
export const within = async <T>(promise: Promise<T>, { ms, signal, ...errors }: Limits): Promise<T> => {
  if (signal?.aborted) throw errors.onAbort();
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => {};
  const limit = new Promise<never>((_, reject) => {
    const { onTimeout } = errors;
    if (onTimeout) timer = setTimeout(() => reject(onTimeout()), ms);
    onAbort = () => reject(errors.onAbort());
    signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
};
