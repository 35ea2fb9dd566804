import type { ArchiveRecord } from "../../store/types.ts";

/** What the server said of its archives a moment ago, for those who ask again and again. */
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

/** Single records that are held; a moment has no more. */
const MAX_HELD = 1000;

interface Moment<T> {
  value: T;
  until: number;
}

/** @param ms for which a moment lasts; 0 keeps nothing */
export const createRecent = (ms: number, now: () => number = () => performance.now()): Recent => {
  const held = new Map<string, Moment<ArchiveRecord>>();
  let count: Moment<number> | undefined;
  let whole: Moment<ArchiveRecord[]> | undefined;
  const still = <T>(moment: Moment<T> | undefined): T | undefined =>
    moment !== undefined && now() < moment.until ? moment.value : undefined;
  return {
    keep: (record) => {
      if (held.size >= MAX_HELD) held.clear();
      held.set(record.id, { value: record, until: now() + ms });
      return record;
    },
    keepAll: (records) => {
      whole = { value: records, until: now() + ms };
      return records;
    },
    get: (id) => still(held.get(id)),
    all: () => still(whole),
    keepTotal: (value) => {
      count = { value, until: now() + ms };
      return value;
    },
    total: () => still(count),
    clear: () => {
      held.clear();
      count = undefined;
      whole = undefined;
    },
  };
};
