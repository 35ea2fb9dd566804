import type { BigIntStats } from "node:fs";
import { LRUCache } from "lru-cache";
import type { Entry } from "yauzl";
import { identityOf } from "../disk/regular-files.ts";

/** The files of a zip by name, in the order of its directory. */
export type ZipDirectory = ReadonlyMap<string, Entry>;

/** Gets the directory of an open zip: one that was read before, or from `read`. */
export type Directories = (stats: BigIntStats, read: () => Promise<ZipDirectory>) => Promise<ZipDirectory>;

/** Cached entries in total: as many as the largest archive may have. At about 1 KB each, 20 MB. */
const MAX_HELD = 20_000;

/**
 * Caches the directories that were used last, so that a plugin can read many entries while the directory is read once.
 * No file stays open: a cached directory is used only if the file is unchanged.
 */
export const createDirectories = (maxHeld = MAX_HELD): Directories => {
  const held = new LRUCache<string, Promise<ZipDirectory>>({ maxSize: maxHeld });
  return (stats, read) => {
    const identity = identityOf(stats);
    const known = held.get(identity);
    if (known) return known;
    const directory = read();
    held.set(identity, directory, { size: 1 });
    const resize = (size: number | undefined): void => {
      if (held.peek(identity) !== directory) return;
      held.delete(identity);
      // One more for each, so that archives without entries do not stay for ever.
      if (size !== undefined) held.set(identity, directory, { size: size + 1 });
    };
    directory.then(
      ({ size }) => resize(size),
      () => resize(undefined),
    );
    return directory;
  };
};
