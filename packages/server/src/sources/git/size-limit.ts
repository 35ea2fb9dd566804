import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { GitCache } from "./cache.ts";

const CHECK_MS = 250;

/**
 * Runs work that fills a cache. Where the cache exceeds its limit, it aborts the work and removes the cache.
 * @throws HitagiError SOURCE_TOO_LARGE
 */
export const withSizeLimit = async <T>(
  cache: GitCache,
  folder: string,
  limit: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController();
  const checkSize = async () => {
    if ((await cache.size(folder)) <= limit) return;
    controller.abort(new HitagiError("SOURCE_TOO_LARGE", { path: "The repository", limit }));
  };
  const timer = setInterval(
    () => void checkSize().catch((error: unknown) => controller.abort(error)),
    CHECK_MS,
  );
  try {
    const result = await work(AbortSignal.any([signal, controller.signal]));
    await checkSize();
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    if (isHitagiError(error, "SOURCE_TOO_LARGE")) await cache.drop(folder);
    throw error;
  } finally {
    clearInterval(timer);
  }
};
