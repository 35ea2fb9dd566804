import type { ArchiveRecord, SeenArchiveStore } from "../../store/types.ts";

/** What came to a library that others keep, and what went, since it was looked at last. */
export interface News {
  added: ArchiveRecord[];
  removed: string[];
  /** Archives that there are. */
  total: number;
  /** Whether it was looked at for the first time: then all that is there counts as known. */
  first: boolean;
}

export interface NewsDeps {
  list(): Promise<ArchiveRecord[]>;
  known: SeenArchiveStore;
  /** What tells this library from others. */
  name: string;
}

/**
 * Looks what is new and hands it to `take`. It is noted only after that, so that what a failure or the end of the process
 * interrupts is new the next time too.
 * @throws what the library, the store and `take` throw
 */
export const lookForNews = async (
  { list, known, name }: NewsDeps,
  take: (news: News) => Promise<void>,
): Promise<void> => {
  const [records, before] = await Promise.all([list(), known.of(name)]);
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
