import type { Readable } from "node:stream";
import type { ArchiveRecord, Durability } from "../store/types.ts";

/** One file in an archive. */
export interface ArchiveEntry {
  /** With `/`, as stored in the archive. */
  name: string;
  /** Bytes when unpacked. */
  size: number;
}

/**
 * A file to add. Whoever streams a form knows only at its end what stands behind the file, so the fields are read when
 * the stream has ended, and not before.
 */
export interface Upload {
  filename: string;
  stream: Readable;
  title?: string | undefined;
  tags?: string | undefined;
  summary?: string | undefined;
  /** SHA-1 of the whole file, hex. */
  checksum?: string | undefined;
}

/** Where archives live. A driver is a file beside this one. */
export interface Library {
  list(): Promise<ArchiveRecord[]>;
  count(): Promise<number>;
  /** The ids of archives whose file is not there, though nobody deleted them here. */
  missing(): Promise<ReadonlySet<string>>;
  /** @throws HitagiError ARCHIVE_NOT_FOUND */
  get(id: string): Promise<ArchiveRecord>;
  /**
   * Adds a file. Nothing is left of one that is refused.
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
   * Where the archive's file lies on this machine. It may be one that was fetched for this and goes again some time
   * after: who needs it for long opens or links it.
   * @throws HitagiError ARCHIVE_NOT_FOUND
   */
  localFile(id: string): Promise<string>;
  /** Archives whose title, tags or filename hold every word of the text, without case. */
  search(text: string, limit: number): Promise<ArchiveRecord[]>;
}
