import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { openBelow, openRegular } from "../disk/regular-files.ts";

/**
 * The file of an archive: a path in a folder that only this server writes to, or a path below a folder that others write to, such as
 * the library's, where no link is followed.
 */
export type ArchiveFile = string | { folder: string; file: string };

/** Opens the file of an archive for reading. @throws NotRegularError, the file system's error */
export const openArchiveFile = (file: ArchiveFile): Promise<FileHandle> =>
  typeof file === "string" ? openRegular(file) : openBelow(file.folder, file.file);

/** Where the file of an archive is. */
export const pathOfArchive = (file: ArchiveFile): string =>
  typeof file === "string" ? file : path.join(file.folder, file.file);
