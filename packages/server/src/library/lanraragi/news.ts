import type { ArchiveRecord, SeenArchiveStore } from "../../store/types.ts";

/** What was added to a library and removed from it since the last look. */
export interface News {
  added: ArchiveRecord[];
  removed: string[];
  /** The number of archives. */
  total: number;
  /** Whether this is the first look, on which all archives count as known. */
  first: boolean;
}

/**
 * Passes the changes to `take`, and stores them afterwards, so that interrupted changes are passed again the next time.
 * @param listed the archives that there are now
 * @param name identifies the library
 * @throws what the library, the store and `take` throw
 */
export const lookForNews = async (
  listed: Promise<ArchiveRecord[]>,
  known: SeenArchiveStore,
  name: string,
  take: (news: News) => Promise<void>,
): Promise<void> => {
  const [records, before] = await Promise.all([listed, known.of(name)]);
  const there = new Set(records.map(({ id }) => id));
  const fresh = before ? records.filter(({ id }) => !before.has(id)) : records;
  const removed = before ? [...before].filter((id) => !there.has(id)) : [];
  const first = before === undefined;
  await take({ added: first ? [] : fresh, removed, total: records.length, first });
  if (!first && fresh.length + removed.length === 0) return;
  await known.change(
    name,
    fresh.map(({ id }) => id),
    removed,
  );
};
