import { setTimeout as sleep } from "node:timers/promises";
import type { ArchiveTexts } from "@hitagi/contract";
import { createKeyedMutex } from "../../async/keyed-mutex.ts";
import { joinTags, missingTags, splitTags } from "../../library/tags.ts";
import type { Library } from "../../library/types.ts";
import type { Durability, Locks } from "../../store/types.ts";

/** What an edit made of an archive. */
export interface Edited {
  from: ArchiveTexts;
  to: ArchiveTexts;
}

interface EditOptions {
  /** Called before the archive is written; where it throws, nothing is written. */
  before?: (edited: Edited) => Promise<void>;
  durability?: Durability;
}

/**
 * Changes an archive's texts from what they are then, not from what somebody saw before, and one change at a time for
 * each archive, so that two plugins at once lose none of each other's tags, on whichever servers.
 * @returns what changed, or undefined where nothing did
 * @throws HitagiError ARCHIVE_NOT_FOUND, or what `before` throws
 */
export type EditArchive = (
  id: string,
  change: (now: ArchiveTexts) => ArchiveTexts,
  options?: EditOptions,
) => Promise<Edited | undefined>;

const isSame = (a: ArchiveTexts, b: ArchiveTexts): boolean =>
  a.title === b.title && a.tags === b.tags && a.summary === b.summary;

/** Milliseconds between two looks whether another server has ended its change, which takes a few. */
const PAUSE_MS = 10;

/** Does something to an archive's texts once no other server changes them. */
const alone = async <T>(locks: Locks, id: string, act: () => Promise<T>): Promise<T> => {
  for (;;) {
    const lock = await locks.tryAcquire(`texts:${id}`);
    if (lock) return act().finally(lock.release);
    await sleep(PAUSE_MS);
  }
};

/** @param locks those of all servers that change the same archives; where not given, none but this one does */
export const createArchiveEdits = (library: Pick<Library, "get" | "update">, locks?: Locks): EditArchive => {
  const mutex = createKeyedMutex();

  const edit: EditArchive = async (...given) =>
    locks ? alone(locks, given[0], () => editNow(...given)) : editNow(...given);

  const editNow: EditArchive = async (id, change, { before, durability } = {}) => {
    const { title, tags, summary } = await library.get(id);
    const from = { title, tags, summary };
    const to = change(from);
    if (isSame(from, to)) return undefined;
    await before?.({ from, to });
    await library.update(id, to, durability);
    return { from, to };
  };

  return (id, change, options) => mutex.run(id, () => edit(id, change, options));
};

/** Texts with a change made to them that was made from `from` to `to`; what others changed since stays. */
export const replayed = (now: ArchiveTexts, { from, to }: Edited): ArchiveTexts => {
  const removed = new Set(missingTags(splitTags(to.tags), splitTags(from.tags)));
  const added = missingTags(splitTags(from.tags), splitTags(to.tags));
  const text = (field: "title" | "summary") => (now[field] === from[field] ? to[field] : now[field]);
  return {
    title: text("title"),
    tags: joinTags([...splitTags(now.tags).filter((tag) => !removed.has(tag)), ...added]),
    summary: text("summary"),
  };
};

/** Whether others changed a title or summary since, which a replay of the change leaves as it is. */
export const isOvertaken = (now: ArchiveTexts, { from, to }: Edited): boolean =>
  (["title", "summary"] as const).some(
    (field) => from[field] !== to[field] && now[field] !== from[field] && now[field] !== to[field],
  );
