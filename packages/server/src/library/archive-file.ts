import { type FileHandle, realpath } from "node:fs/promises";
import path from "node:path";
import {
  isRegularBelow,
  NotRegularError,
  openBelow,
  openRegular,
  removeBelow,
} from "../disk/regular-files.ts";

/** A path below a folder that others write to, such as the library's. */
export interface LibraryFile {
  folder: string;
  /** With `/`. */
  file: string;
  /**
   * Folders in which the targets of links may be, beside the library's own; the owner names them. Without them no link is followed.
   */
  linkTargets?: readonly string[] | undefined;
}

/** The file of an archive: a path in a folder that only this server writes to, or one in a library. */
export type ArchiveFile = string | LibraryFile;

/** Where the file of an archive is. */
export const pathOfArchive = (file: ArchiveFile): string =>
  typeof file === "string" ? file : path.join(file.folder, file.file);

const isBelow = (folder: string, file: string): boolean => file.startsWith(folder + path.sep);

/**
 * Where a path leads: an allowed folder, and the path in it.
 * @returns undefined where it leads elsewhere
 * @throws the file system's error
 */
export const resolveLink = async (
  absolute: string,
  allowed: readonly string[],
): Promise<{ folder: string; file: string } | undefined> => {
  const real = await realpath(absolute);
  for (const one of allowed) {
    const folder = await realpath(one).catch(() => one);
    if (real === folder || isBelow(folder, real))
      return { folder, file: path.relative(folder, real).replaceAll(path.sep, "/") };
  }
  return undefined;
};

/** The file without a link in its path. The functions that use it follow none, so one that is put there later is refused. */
const withoutLinks = async (given: LibraryFile): Promise<LibraryFile> => {
  const { folder, file, linkTargets = [] } = given;
  if (linkTargets.length === 0) return given;
  const target = await resolveLink(path.join(folder, file), [folder, ...linkTargets]);
  if (target === undefined) throw new NotRegularError(file, true);
  return target;
};

/** Opens the file of an archive for reading. @throws NotRegularError, the file system's error */
export const openArchiveFile = async (file: ArchiveFile): Promise<FileHandle> => {
  if (typeof file === "string") return openRegular(file);
  const target = await withoutLinks(file);
  return openBelow(target.folder, target.file);
};

/** Whether {@link openArchiveFile} would open it. @throws the file system's error */
export const isArchiveFile = async (given: LibraryFile): Promise<boolean> => {
  const target = await withoutLinks(given).catch(() => given);
  return isRegularBelow(target.folder, target.file);
};

/** Removes the file of an archive, or the link that is its last name. @throws the file system's error */
export const removeArchiveFile = async (given: LibraryFile): Promise<void> => {
  const above = path.posix.dirname(given.file);
  // The folders above it may be links.
  const target =
    above === "." ? undefined : await withoutLinks({ ...given, file: above }).catch(() => undefined);
  const name = path.posix.basename(given.file);
  if (target) await removeBelow(target.folder, target.file === "" ? name : `${target.file}/${name}`);
  else await removeBelow(given.folder, given.file);
};
