import type { BigIntStats } from "node:fs";
import { LRUCache } from "lru-cache";
import type { Entry } from "yauzl";

/** The files of a zip by name, in the order of its directory. */
export type ZipDirectory = ReadonlyMap<string, Entry>;

/** Where the directory of an open zip comes from: one that was read before, or `read`. */
export type Directories = (stats: BigIntStats, read: () => Promise<ZipDirectory>) => Promise<ZipDirectory>;

/** Entries that are held in all: as many as the largest archive may have. At about 1 KB each, 20 MB. */
const MAX_HELD = 20_000;

/** Another file, or the same with other content. */
const identityOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(" ");

/**
 * Keeps the directories that were used last, so that a plugin which reads many entries of an archive has its directory
 * read once. Nothing stays open: a directory is taken again only for a file that is still the same.
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

/** Keeps nothing; for a file that is read once. */
export const freshDirectory: Directories = (_stats, read) => read();
