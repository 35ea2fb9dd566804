import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { ArchiveRecord, Durability } from "../store/types.ts";

/** One file in an archive. */
export interface ArchiveEntry {
  /** With `/`, as stored in the archive. */
  name: string;
  /** Bytes when unpacked. */
  size: number;
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

/** Where archives are. A driver is a file in this folder. */
export interface Library {
  list(): Promise<ArchiveRecord[]>;
  count(): Promise<number>;
  /** The ids of archives whose file is missing although they were not deleted here. */
  missing(): Promise<ReadonlySet<string>>;
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
