import type { ArchiveRecord } from "../../store/types.ts";

/** Caches the server's answers about archives for a moment. */
export interface Recent {
  keep(record: ArchiveRecord): ArchiveRecord;
  keepAll(records: ArchiveRecord[]): ArchiveRecord[];
  get(id: string): ArchiveRecord | undefined;
  all(): readonly ArchiveRecord[] | undefined;
  keepTotal(archives: number): number;
  /** How many archives there are. */
  total(): number | undefined;
  clear(): void;
}

/** Single records that are cached. */
const MAX_RECORDS = 1000;

interface Entry<T> {
  value: T;
  until: number;
}

/** @param ms the life of an entry; 0 caches nothing */
export const createRecent = (ms: number, now: () => number = () => performance.now()): Recent => {
  const records = new Map<string, Entry<ArchiveRecord>>();
  let count: Entry<number> | undefined;
  let whole: Entry<ArchiveRecord[]> | undefined;
  const still = <T>(entry: Entry<T> | undefined): T | undefined =>
    entry !== undefined && now() < entry.until ? entry.value : undefined;
  return {
    keep: (record) => {
      if (records.size >= MAX_RECORDS) records.clear();
      records.set(record.id, { value: record, until: now() + ms });
      return record;
    },
    keepAll: (records) => {
      whole = { value: records, until: now() + ms };
      return records;
    },
    get: (id) => still(records.get(id)),
    all: () => still(whole),
    keepTotal: (value) => {
      count = { value, until: now() + ms };
      return value;
    },
    total: () => still(count),
    clear: () => {
      records.clear();
      count = undefined;
      whole = undefined;
    },
  };
};
