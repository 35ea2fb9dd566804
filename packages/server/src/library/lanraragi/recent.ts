import { LRUCache } from "lru-cache";
import type { ArchiveRecord } from "../../store/types.ts";

/** Single records that are cached. */
const MAX_RECORDS = 1000;

const createCache = <V extends NonNullable<unknown>>(max: number, ms: number) => {
  const values = new LRUCache<string, V>({ max, ttl: ms });
  return {
    get: (key = "") => values.get(key),
    keep: (value: V, key = ""): V => {
      if (ms > 0) values.set(key, value);
      return value;
    },
    clear: () => values.clear(),
  };
};

/** Caches the server's answers about archives for a moment. @param ms the life of an entry; 0 caches nothing */
export const createRecent = (ms: number) => {
  const records = createCache<ArchiveRecord>(MAX_RECORDS, ms);
  const list = createCache<ArchiveRecord[]>(1, ms);
  /** How many archives there are. */
  const total = createCache<number>(1, ms);
  const clear = (): void => {
    for (const cache of [records, list, total]) cache.clear();
  };
  return { records, list, total, clear };
};
