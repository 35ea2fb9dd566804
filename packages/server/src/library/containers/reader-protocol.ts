import type { ArchiveEntry } from "../types.ts";
import type { Format } from "./types.ts";

/** An entry of a zip where it stands in the file. Its fields are those of the zip's directory (APPNOTE 6.3.10 §4.3.12). */
export interface PackedEntry {
  /** Where its packed bytes begin. */
  position: number;
  packedSize: number;
  size: number;
  crc32: number;
  method: number;
  flags: number;
}

/** The file that a request is about. */
export interface RequestedFile {
  format: Format;
  /** A path that leads to the open file. */
  path: string;
  /** Differs for every other file, and after a change of this one. */
  identity: string;
  /** Of a zip: the entry that is read, in place of the whole. The name of the only file is then {@link ONLY_NAME}. */
  entry?: PackedEntry;
}

export const ONLY_NAME = "entry";

export type ToReader = RequestedFile &
  ({ kind: "entries" } | { kind: "read"; name: string; maxBytes: number });

/** A file in an archive, as the reader process names it. */
export interface ReaderEntry extends ArchiveEntry {
  /** The bytes of its name are not UTF-8: `name` has one character for each of them (latin1). */
  isRaw?: true;
}

/** Why a file cannot be read: the code of the error, and its reason or, for an entry, nothing. */
export interface Fault {
  kind: "fault";
  code: "ARCHIVE_BROKEN" | "ARCHIVE_UNREADABLE" | "ENTRY_NOT_FOUND" | "ENTRY_TOO_LARGE";
  reason: string;
}

export type FromReader =
  | { kind: "entries"; entries: ReaderEntry[] }
  | { kind: "bytes"; bytes: Uint8Array }
  | Fault;

/** Ends a request with a fault. */
export class ReaderFault extends Error {
  readonly code: Fault["code"];
  constructor(code: Fault["code"], reason = "") {
    super(reason);
    this.code = code;
  }
}

/** An archive that is open in the reader process. */
export interface OpenContainer {
  /** @throws ReaderFault ARCHIVE_BROKEN, ARCHIVE_UNREADABLE */
  entries(): Promise<ReaderEntry[]>;
  /** @throws ReaderFault */
  read(name: string, maxBytes: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Random access to an archive's bytes. */
export interface ByteSource {
  size: number;
  /** Fills the buffer from there, synchronously. @returns how many bytes there were */
  read(into: Uint8Array, position: number): number;
}
