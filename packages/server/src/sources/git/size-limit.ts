import { HitagiError, isHitagiError } from "@hitagi/contract";
import { repeat } from "../../async/repeat.ts";
import type { GitCache } from "./cache.ts";

const CHECK_MS = 250;

/** Aborts work that fills a cache over its limit, and removes the cache. @throws HitagiError SOURCE_TOO_LARGE */
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
  const stop = repeat(checkSize, { everyMs: CHECK_MS, onError: (error) => controller.abort(error) });
  try {
    const result = await work(AbortSignal.any([signal, controller.signal]));
    await checkSize();
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    if (isHitagiError(error, "SOURCE_TOO_LARGE")) await cache.drop(folder);
    throw error;
  } finally {
    await stop();
  }
};
