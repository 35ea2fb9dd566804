import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { ArchiveSort, LibraryProblem } from "@hitagi/contract";
import type { ArchiveRecord, Durability } from "../store/types.ts";

/** Which archives a list has, and in which order. Absent fields change nothing. */
export interface ArchiveSelection {
  /** Words that are all in the title, the tags or the path. */
  q?: string | undefined;
  /** What people name an archive by: its id or the beginning of its id, its path, or its file name. */
  ref?: string | undefined;
  /** What the id begins with. */
  idStart?: string | undefined;
  /** Tags that it has all, separated by commas; `artist:` is any tag of that namespace. */
  tag?: string | undefined;
  untagged?: boolean | undefined;
  /** A folder of the library. */
  folder?: string | undefined;
  /** The ids that may be in the list. */
  among?: ReadonlySet<string> | undefined;
  sort?: ArchiveSort | undefined;
  order?: "asc" | "desc" | undefined;
}

/** A part of a selection, and how many archives all of it has. */
export interface SelectedArchives {
  total: number;
  items: ArchiveRecord[];
}

/** One file in an archive. */
export interface ArchiveEntry {
  /** With `/`, as stored in the archive. */
  name: string;
  /** Bytes when unpacked; 0 for a page of a PDF, which is drawn when it is read. */
  size: number;
  /** Whether it cannot be read without a password. */
  encrypted?: true;
}

/** A file to add. The fields are read after the stream has ended, because a form may send them after the file. */
export interface Upload {
  filename: string;
  stream: Readable;
  title?: string | undefined;
  tags?: string | undefined;
  summary?: string | undefined;
  /** SHA-1 of the whole file, hex. */
  checksum?: string | undefined;
}

/** A named group of archives. */
export interface Category {
  /** `SET_` and ten digits. */
  id: string;
  name: string;
  /** The search of a dynamic category; empty for a static one. */
  search: string;
  pinned: boolean;
  /** Ids of archives, in the order in which they were added; empty in a dynamic category. */
  archives: string[];
}

export type CategoryFields = Pick<Category, "name" | "search" | "pinned">;

/** The categories of a library. One of the static ones can be linked to the bookmark button of readers. */
export interface Categories {
  list(): Promise<Category[]>;
  /** @throws HitagiError CATEGORY_NOT_FOUND */
  get(id: string): Promise<Category>;
  /** @returns its id */
  create(fields: CategoryFields): Promise<string>;
  /** @throws HitagiError CATEGORY_NOT_FOUND, CATEGORY_BUSY */
  update(id: string, fields: Partial<CategoryFields>): Promise<void>;
  /** @throws HitagiError CATEGORY_NOT_FOUND, CATEGORY_BUSY */
  delete(id: string): Promise<void>;
  /**
   * @returns false if the archive was in it already
   * @throws HitagiError CATEGORY_NOT_FOUND, CATEGORY_DYNAMIC, CATEGORY_BUSY, ARCHIVE_NOT_FOUND
   */
  add(id: string, archive: string): Promise<boolean>;
  /**
   * @returns false if the archive was not in it
   * @throws HitagiError CATEGORY_NOT_FOUND, CATEGORY_DYNAMIC, CATEGORY_BUSY
   */
  remove(id: string, archive: string): Promise<boolean>;
  /** The id of the category that is linked to the bookmark button; undefined if none is. */
  bookmark(): Promise<string | undefined>;
  /** @throws HitagiError BOOKMARK_NOT_FOUND, BOOKMARK_DYNAMIC, CATEGORY_BUSY */
  linkBookmark(id: string): Promise<void>;
  /** @returns the id of the category that was linked */
  unlinkBookmark(): Promise<string | undefined>;
}

/** Where archives are. A driver is a file in this folder. */
export interface Library {
  readonly categories: Categories;
  /** The absolute path of the folder with the archives; undefined if they are on another server. */
  readonly folder: string | undefined;
  list(): Promise<ArchiveRecord[]>;
  /** Some of the archives of a selection, in its order: `count` from a place on, or all that follow. */
  select(selection: ArchiveSelection, from?: number, count?: number): Promise<SelectedArchives>;
  /** The ids of all archives of a selection, in its order. */
  ids(selection: ArchiveSelection): Promise<string[]>;
  count(): Promise<number>;
  /** The ids of archives whose file is missing although they were not deleted here. */
  missing(): Promise<ReadonlySet<string>>;
  /** Every file that was not taken in or cannot be read, and why; none for a library on another server. */
  problems(): Promise<LibraryProblem[]>;
  /** @throws HitagiError ARCHIVE_NOT_FOUND */
  get(id: string): Promise<ArchiveRecord>;
  /**
   * Adds a file. A rejected file leaves nothing behind.
   * @throws HitagiError ARCHIVE_EXISTS (with its `id`), ARCHIVE_TYPE_UNSUPPORTED, ARCHIVE_CHECKSUM, ARCHIVE_BROKEN,
   *   ARCHIVE_BUSY, DISK_FULL, PAYLOAD_TOO_LARGE; what the stream throws
   */
  add(upload: Upload): Promise<ArchiveRecord>;
  /**
   * Tags are kept trimmed and each once; an empty title leaves the old one.
   * @throws HitagiError ARCHIVE_NOT_FOUND
   */
  update(
    id: string,
    patch: { title?: string; tags?: string; summary?: string },
    durability?: Durability,
  ): Promise<ArchiveRecord>;
  /** Removes the archive and its file. @throws HitagiError ARCHIVE_NOT_FOUND, ARCHIVE_BUSY */
  delete(id: string): Promise<ArchiveRecord>;
  /** Files in the archive, folders left out. @throws HitagiError ARCHIVE_NOT_FOUND, ARCHIVE_BROKEN */
  entries(id: string): Promise<ArchiveEntry[]>;
  /** @throws HitagiError ARCHIVE_NOT_FOUND, ARCHIVE_BROKEN, ENTRY_NOT_FOUND, ENTRY_TOO_LARGE */
  read(id: string, name: string, maxBytes: number): Promise<Buffer>;
  /**
   * The thumbnail that the library's own server has of a page, from 1; undefined if it has none. Without this function, thumbnails are
   * drawn here.
   * @throws HitagiError ARCHIVE_NOT_FOUND, LIBRARY_UNREACHABLE, LIBRARY_KEY_REFUSED, LIBRARY_ANSWER; an abort
   */
  readonly thumbnail?: (id: string, page: number, signal: AbortSignal) => Promise<Buffer | undefined>;
  /** Opens the archive's file for reading. @throws HitagiError ARCHIVE_NOT_FOUND, ARCHIVE_BROKEN */
  open(id: string): Promise<FileHandle>;
  /**
   * The path of the archive's file on this machine. A fetched file may be removed later: open or link it to keep it.
   * @throws HitagiError ARCHIVE_NOT_FOUND, ARCHIVE_BROKEN
   */
  localFile(id: string): Promise<string>;
  /** Archives whose title, tags or filename hold every word of the text, without case. */
  search(text: string, limit: number): Promise<ArchiveRecord[]>;
}
