import { setTimeout as sleep } from "node:timers/promises";
import type { ArchiveTexts } from "@hitagi/contract";
import { createKeyedMutex } from "../../async/keyed-mutex.ts";
import { joinTags, missingTags, splitTags } from "../../library/tags.ts";
import type { Library } from "../../library/types.ts";
import type { Durability, Locks } from "../../store/types.ts";

/** The texts before and after an edit. */
export interface Edited {
  from: ArchiveTexts;
  to: ArchiveTexts;
}

interface EditOptions {
  /** Called before the write; an error prevents it. */
  before?: (edited: Edited) => Promise<void>;
  durability?: Durability;
}

/**
 * Changes an archive's current texts; `change` also gets the path of its file. One change at a time for each archive, on all servers, so that two plugins do not
 * overwrite each other's tags.
 * @returns undefined if nothing changed
 * @throws HitagiError ARCHIVE_NOT_FOUND, or what `before` throws
 */
export type EditArchive = (
  id: string,
  change: (now: ArchiveTexts, file: string) => ArchiveTexts,
  options?: EditOptions,
) => Promise<Edited | undefined>;

const isSame = (a: ArchiveTexts, b: ArchiveTexts): boolean =>
  a.title === b.title && a.tags === b.tags && a.summary === b.summary;

/** Milliseconds between two attempts to get the lock; a change takes a few. */
const PAUSE_MS = 10;

const withTextsLock = async <T>(locks: Locks, id: string, act: () => Promise<T>): Promise<T> => {
  for (;;) {
    const lock = await locks.tryAcquire(`texts:${id}`);
    if (lock) return act().finally(lock.release);
    await sleep(PAUSE_MS);
  }
};

/** @param locks given if several servers change the same archives */
export const createArchiveEdits = (library: Pick<Library, "get" | "update">, locks?: Locks): EditArchive => {
  const mutex = createKeyedMutex();

  const edit: EditArchive = async (...given) =>
    locks ? withTextsLock(locks, given[0], () => editNow(...given)) : editNow(...given);

  const editNow: EditArchive = async (id, change, { before, durability } = {}) => {
    const { title, tags, summary, file } = await library.get(id);
    const from = { title, tags, summary };
    const to = change(from, file);
    if (isSame(from, to)) return undefined;
    await before?.({ from, to });
    await library.update(id, to, durability);
    return { from, to };
  };

  return (id, change, options) => mutex.run(id, () => edit(id, change, options));
};

/** Applies a change to texts; what others changed since stays. */
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

/** The title or summary that others changed since, which a replay keeps. */
export const overtakenFields = (now: ArchiveTexts, { from, to }: Edited): ("title" | "summary")[] =>
  (["title", "summary"] as const).filter(
    (field) => from[field] !== to[field] && now[field] !== from[field] && now[field] !== to[field],
  );
