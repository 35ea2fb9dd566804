import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { GitCache } from "./cache.ts";

const WATCH_MS = 250;

/**
 * Runs work that fills a cache, and ends it when the cache outgrows its limit; the cache is removed then.
 * @throws HitagiError SOURCE_TOO_LARGE
 */
export const watched = async <T>(
  cache: GitCache,
  folder: string,
  limit: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController();
  const look = async () => {
    if ((await cache.size(folder)) <= limit) return;
    controller.abort(new HitagiError("SOURCE_TOO_LARGE", { path: "The repository", limit }));
  };
  const timer = setInterval(() => void look().catch((error: unknown) => controller.abort(error)), WATCH_MS);
  try {
    const answer = await work(AbortSignal.any([signal, controller.signal]));
    await look();
    controller.signal.throwIfAborted();
    return answer;
  } catch (error) {
    if (isHitagiError(error, "SOURCE_TOO_LARGE")) await cache.drop(folder);
    throw error;
  } finally {
    clearInterval(timer);
  }
};
