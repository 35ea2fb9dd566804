import type { ArchiveFile } from "../archive-file.ts";
import type { ArchiveEntry } from "../types.ts";

/** A format that is read, by its content and not by the file's name. An .epub is a zip, and a .cbr a rar. */
export type Format =
  | "zip"
  | "rar"
  | "rar5"
  | "7z"
  | "tar"
  | "gzip"
  | "xz"
  | "zstd"
  | "bzip2"
  | "lzma"
  | "pdf";

/** Reads the files inside of archives. */
export interface Containers {
  /**
   * The files in the archive, in its order. Left out are folders, links, unsafe names (`..`, absolute, with a drive), repeated names,
   * and what systems leave behind (`__MACOSX/`, `Thumbs.db`, hidden names). Of a PDF, its pages as `1.jpg`, `2.jpg`…, with the size 0:
   * they are made when they are read.
   * @throws HitagiError ARCHIVE_BROKEN: damaged, or no archive; ARCHIVE_UNREADABLE: an archive that cannot be read here
   */
  entries(file: ArchiveFile): Promise<ArchiveEntry[]>;
  /**
   * One file, unpacked and with its checksum compared.
   * @throws HitagiError ARCHIVE_BROKEN, ARCHIVE_UNREADABLE, ENTRY_NOT_FOUND, ENTRY_TOO_LARGE
   */
  read(file: ArchiveFile, name: string, maxBytes: number): Promise<Buffer>;
  /** Ends the processes. */
  close(): Promise<void>;
}

/** Archives with more entries are rejected as attacks. */
export const MAX_ENTRIES = 20_000;
/** Archives with a longer name are rejected. It is the longest path of a file on Linux, and of a page that the API takes. */
export const MAX_NAME = 4096;
/** Bytes of an archive's names together: 800 for each entry. */
export const MAX_NAMES = 16 * 1024 * 1024;

export const LONG_NAME = `a name in it is longer than ${MAX_NAME} bytes`;
