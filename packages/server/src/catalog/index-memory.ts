import { isHitagiError, MAX_INDEX_BYTES } from "@hitagi/contract";
import pLimit from "p-limit";
import type { Fetched } from "../sources/types.ts";

/** Bytes of an index that every refresh may hold at once. */
export const MAX_SMALL = 1024 * 1024;
/** Larger indexes that are in memory at once: the next one arrives while one is checked. */
export const MAX_LARGE = 2;

const inTurn = pLimit(MAX_LARGE);

/**
 * Fetches an index, and works on it while it is in memory. A large one is given up, and fetched again when its turn comes: so
 * indexes that wait hold no memory, and their waiting does not count as their host's time.
 * @param fetch fetches an index of at most so many bytes
 * @throws what `fetch` and `work` throw
 */
export const withIndexInMemory = async <T>(
  fetch: (maxBytes: number) => Promise<Fetched>,
  work: (fetched: Fetched) => Promise<T>,
): Promise<T> => {
  const small = await fetch(MAX_SMALL).catch((error: unknown) => {
    if (isHitagiError(error, "SOURCE_TOO_LARGE") && error.params.limit === MAX_SMALL) return undefined;
    throw error;
  });
  return small ? work(small) : inTurn(async () => work(await fetch(MAX_INDEX_BYTES)));
};
