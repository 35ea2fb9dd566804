import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { LibraryProblem } from "@hitagi/contract";
import { codeOf, isMissing, isNameWithoutPath } from "../disk/errno.ts";
import { resolveLink } from "./archive-file.ts";
import { isArchiveName } from "./filename.ts";
import { createIgnore, OWN_NAME } from "./ignored-names.ts";

/** A file or folder that cannot be used, relative to the library with `/`, and why. */
export interface Skipped {
  file: string;
  reason: string;
}

/** Codes of errors that concern one file or folder: the others can be read. */
const OF_ONE: readonly unknown[] = ["EACCES", "EPERM", "ENAMETOOLONG", "EIO", "ELOOP", "NOT_REGULAR"];

/** Why a file or folder cannot be read. @throws errors that do not concern it alone */
export const unreadable = (error: unknown): string => {
  if (isMissing(error) || OF_ONE.includes(codeOf(error))) return `it cannot be read (${codeOf(error)})`;
  throw error;
};

/** A library's folder, and what of it is taken in. */
export interface LibraryScope {
  /** Absolute. */
  folder: string;
  /** Folders in which targets of links may be, beside the library; without them no link is followed. */
  linkTargets?: readonly string[] | undefined;
  /** Patterns of names that are left out; see createIgnore. */
  ignore?: readonly string[] | undefined;
}

const NOT_REGULAR = "it is no regular file";
const NOT_UTF8 = "its name is not UTF-8; rename it, for example with convmv";

export interface WalkOptions {
  /** Called with each folder, absolute, before it is read. */
  reading?: (folder: string) => void;
  /** Called with each archive, relative to the library with `/`. */
  onFile: (file: string, stats: Stats) => Promise<void> | void;
  /** Called with each file and folder that is left out. */
  onLeftOut?: (left: LibraryProblem) => void;
}

/**
 * Walks a library without ignored names. Another user may own a folder in it, so one that cannot be read is skipped. Names may
 * disappear meanwhile. Links are followed last, and each folder once, so that a file keeps its path without a link.
 * @returns the folders that were read, absolute
 * @throws the file system's error where the library itself cannot be read
 */
export const walkLibrary = async (
  { folder: library, linkTargets = [], ignore = [] }: LibraryScope,
  { reading = () => {}, onFile, onLeftOut = () => {} }: WalkOptions,
): Promise<{ folders: string[]; skipped: Skipped[] }> => {
  const found = { folders: [] as string[], skipped: [] as Skipped[] };
  const whyIgnored = createIgnore(ignore);
  const walked = new Set<string>();
  const links: string[] = [];

  const skip = (file: string, reason: string): void => {
    found.skipped.push({ file, reason });
    onLeftOut({ file, kind: "denied", reason });
  };
  /** Does the work on one name. A name that has disappeared is nothing to report. */
  const on = async (file: string, work: () => Promise<void> | void): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (isMissing(error)) return;
      if (file === "") throw error;
      skip(file, unreadable(error));
    }
  };
  const unsupported = (file: string, reason: string) => onLeftOut({ file, kind: "unsupported", reason });
  const onArchive = async (file: string, readStats: () => Promise<Stats>): Promise<void> => {
    if (!isArchiveName(path.posix.basename(file)))
      return unsupported(file, "its name has no ending of an archive");
    const stats = await readStats();
    return stats.isFile() ? onFile(file, stats) : unsupported(file, NOT_REGULAR);
  };
  const onName = async (file: string, entry: Dirent): Promise<void> => {
    const ignored = whyIgnored(file, entry.isDirectory());
    if (ignored === OWN_NAME) return;
    if (ignored) return onLeftOut({ file, kind: "ignored", reason: ignored });
    const absolute = path.join(library, file);
    if (await isNameWithoutPath(entry.name, absolute)) return skip(file, NOT_UTF8);
    if (entry.isDirectory()) return on(file, () => walk(file));
    if (entry.isSymbolicLink()) return void links.push(file);
    if (!entry.isFile()) return unsupported(file, NOT_REGULAR);
    return on(file, () => onArchive(file, () => lstat(absolute)));
  };
  const walk = async (relative: string): Promise<void> => {
    const absolute = path.join(library, relative);
    reading(absolute);
    const entries = await readdir(absolute, { withFileTypes: true });
    found.folders.push(absolute);
    if (linkTargets.length > 0) walked.add(await realpath(absolute));
    for (const entry of entries)
      await onName(relative === "" ? entry.name : `${relative}/${entry.name}`, entry);
  };
  const onLink = async (file: string): Promise<void> => {
    const leave = (reason: string) => onLeftOut({ file, kind: "link", reason });
    if (linkTargets.length === 0)
      return leave("it is a link; those to folders in HITAGI_LIBRARY_LINKS are followed");
    const absolute = path.join(library, file);
    const target = await resolveLink(absolute, [library, ...linkTargets]).catch((error: unknown) => {
      if (isMissing(error)) return "gone" as const;
      throw error;
    });
    if (target === "gone") return leave("it is a link that leads nowhere");
    if (target === undefined) return leave("it is a link that leads to no folder in HITAGI_LIBRARY_LINKS");
    const stats = await stat(absolute);
    if (!stats.isDirectory()) return onArchive(file, async () => stats);
    const real = path.join(target.folder, target.file);
    if (walked.has(real)) return leave("it is a link to a folder that is in the library already");
    return walk(file);
  };
  await on("", () => walk(""));
  // Folders behind links may have links themselves.
  for (const file of links) await on(file, () => onLink(file));
  return found;
};
