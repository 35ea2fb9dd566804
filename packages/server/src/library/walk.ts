import { readdir } from "node:fs/promises";
import path from "node:path";
import { codeOf, isMissing } from "../disk/errno.ts";
import { isArchiveName } from "./filename.ts";

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

export interface WalkOptions {
  /** Called with each folder, absolute, before it is read. */
  reading?: (folder: string) => void;
  /** Called with each .zip and .cbz file, relative to the library with `/`. */
  onFile: (file: string) => Promise<void> | void;
}

/**
 * Walks a library without hidden names and links. Another user may own a folder in it, so one that cannot be read is skipped. Names may
 * disappear meanwhile.
 * @returns the folders that were read, absolute
 * @throws the file system's error where the library itself cannot be read
 */
export const walkLibrary = async (
  library: string,
  { reading = () => {}, onFile }: WalkOptions,
): Promise<{ folders: string[]; skipped: Skipped[] }> => {
  const found = { folders: [] as string[], skipped: [] as Skipped[] };
  /** Does the work on one name. A name that has disappeared is nothing to report. */
  const on = async (file: string, work: () => Promise<void> | void): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (isMissing(error)) return;
      if (file === "") throw error;
      found.skipped.push({ file, reason: unreadable(error) });
    }
  };
  const walk = async (relative: string): Promise<void> => {
    const absolute = path.join(library, relative);
    reading(absolute);
    const entries = await readdir(absolute, { withFileTypes: true });
    found.folders.push(absolute);
    for (const entry of entries) {
      const file = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) await on(file, () => walk(file));
      else if (entry.isFile() && isArchiveName(entry.name)) await on(file, () => onFile(file));
    }
  };
  await on("", () => walk(""));
  return found;
};
