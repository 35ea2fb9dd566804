import type { MarkupDocument } from "./markup.ts";
import type { Parameters, Settings } from "./settings.ts";

/** Lines in the server's log, under the plugin's name. At most 4,096 characters each. */
export interface Log {
  debug(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
}

/** A small store of JSON values that outlives the call; each plugin has its own. */
export interface Cache {
  /** The value; undefined if there is none or it has expired. */
  get<T = unknown>(key: string): Promise<T | undefined>;
  /** @param ttlSeconds whole seconds, at most 30 days */
  set(key: string, value: unknown, ttlSeconds: number): Promise<void>;
}

/** An archive of the library. */
export interface LibraryArchive {
  /** 40 hex digits. */
  id: string;
  title: string;
  tags: string[];
  summary: string;
  /** With its extension, without folders. */
  filename: string;
  /** Bytes. */
  size: number;
}

/** An archive in a list of the library. */
export interface ListedArchive extends LibraryArchive {
  /** The number of its pages. */
  pages: number;
  /** Its file below the library's folder, with `/`. */
  path: string;
}

/**
 * The whole library. Needs `permissions: { library: "read" }`, `"write"` for `update`, and `"add"`, `"read+add"` or `"write+add"` for
 * `add`.
 */
export interface Library {
  /**
   * Archives whose title, tags or filename hold every word of the text, without case.
   * @param limit 1 to 1,000; 100 by default
   */
  search(text: string, limit?: number): Promise<LibraryArchive[]>;
  /**
   * All archives, in pages. Those of one list are from one reading of the library, which begins at the offset 0.
   * @param limit 1 to 1,000, which is the default; a page may have fewer
   */
  list(offset?: number, limit?: number): Promise<{ total: number; archives: ListedArchive[] }>;
  /** Rejects if there is no such archive. */
  get(id: string): Promise<LibraryArchive>;
  /** Replaces the given fields; `tags` replaces all tags. */
  update(id: string, patch: { title?: string; tags?: string[]; summary?: string }): Promise<LibraryArchive>;
  /**
   * Hands the address of a work to downloads; only in a script. A download plugin must take the address, and its host must be granted
   * to that plugin or to this one. At most 100 addresses a call; one address is tried once a day.
   * @returns the job of the download; null if the library has an archive with the address as its `source:` tag
   */
  add(url: string): Promise<{ job: number | null }>;
}

/** A file that stays on disk. */
export interface OpenFile {
  /** Bytes, when it was opened. */
  readonly size: number;
  /** The time of its last change, in epoch milliseconds. */
  readonly modified: number;
  /**
   * Bytes from a place on, fewer at the file's end. What the file holds now: it may have changed since it was opened.
   * @param length at most 4 MiB
   */
  readAt(offset: number, length: number): Promise<Uint8Array>;
}

/**
 * The files and folders on the server that the owner granted (`hitagi grant PLUGIN --read PATH`), to read only. Paths are
 * absolute, as they were granted. Every function rejects for a path that is not granted, and for a link that leads out of a
 * granted folder.
 */
export interface Files {
  /** The granted paths. */
  granted(): Promise<string[]>;
  /** A file's bytes. Rejects if it is larger than 64 MiB: `open` it. */
  read(path: string): Promise<Uint8Array>;
  /** A file of at most 64 MiB, which must be UTF-8. */
  text(path: string): Promise<string>;
  /** A JSON file of at most 64 MiB. */
  json<T = unknown>(path: string): Promise<T>;
  /** The files and folders in a folder, by name; at most 10,000. Links are left out. `size` is in bytes, 0 for a folder. */
  list(folder: string): Promise<{ name: string; isFolder: boolean; size: number }[]>;
  /** A file of any size, such as a database, to read parts of it. */
  open(path: string): Promise<OpenFile>;
}

/** The argument of every entry point. */
export interface BaseContext<P extends Parameters = Parameters> {
  /** The one-shot argument, or "". */
  readonly arg: string;
  readonly settings: Settings<P>;
  /** Aborts when the call is cancelled or times out. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly cache: Cache;
  readonly library: Library;
  readonly files: Files;
  /** Reports progress to the user. */
  progress(done: number, total: number, note?: string): void;
  /** Parses HTML; scripts do not run, and nothing is loaded. */
  html(text: string): MarkupDocument;
  /** Parses XML; names keep their case. Throws with line and reason where the text is not well-formed. */
  xml(text: string): MarkupDocument;
}

/** The archive that a metadata plugin works on. */
export interface ArchiveContext extends LibraryArchive {
  /** The files in it, without folders and hidden names. Of a PDF, its pages as `1.jpg`, `2.jpg`…, with the size 0. */
  entries(): Promise<{ name: string; size: number; encrypted?: true }[]>;
  /** One file's bytes. Rejects if there is no file of that name, or it is larger than 16 MiB. */
  read(name: string): Promise<Uint8Array>;
  /**
   * One file as text, in the encoding of its byte-order mark or XML declaration, else UTF-8 or what is detected. Rejects if the bytes
   * fit none: the text never has replacement characters.
   */
  text(name: string): Promise<string>;
  /** The archive's own file as it lies on disk, to read parts of it. */
  open(): Promise<OpenFile>;
}

export interface MetadataContext<P extends Parameters = Parameters> extends BaseContext<P> {
  readonly archive: ArchiveContext;
}

export interface DownloadContext<P extends Parameters = Parameters> extends BaseContext<P> {
  /** The requested address; it matches `url_regex`. */
  readonly url: string;
}

export type LoginContext<P extends Parameters = Parameters> = BaseContext<P>;

export type ScriptContext<P extends Parameters = Parameters> = BaseContext<P>;
