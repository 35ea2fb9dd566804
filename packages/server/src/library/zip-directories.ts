import type { BigIntStats } from "node:fs";
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
  const held = new Map<string, Promise<ZipDirectory>>();
  const sizes = new Map<string, number>();
  let total = 0;

  const drop = (identity: string): void => {
    held.delete(identity);
    total -= sizes.get(identity) ?? 0;
    sizes.delete(identity);
  };

  /** Those that were used longest ago go first. */
  const count = (identity: string, size: number): void => {
    if (!held.has(identity)) return;
    // One more for each, so that archives without entries do not stay for ever.
    sizes.set(identity, size + 1);
    total += size + 1;
    for (const oldest of held.keys()) {
      if (total <= maxHeld) return;
      drop(oldest);
    }
  };

  return (stats, read) => {
    const identity = identityOf(stats);
    const known = held.get(identity);
    const directory = known ?? read();
    held.delete(identity);
    held.set(identity, directory);
    if (known === undefined) {
      directory.then(
        ({ size }) => count(identity, size),
        () => drop(identity),
      );
    }
    return directory;
  };
};

/** Keeps nothing; for a file that is read once. */
export const freshDirectory: Directories = (_stats, read) => read();
