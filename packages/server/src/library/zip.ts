import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import { type Entry, fromRandomAccessReaderPromise, type ZipFile } from "yauzl";
import { NotRegularError } from "../disk/regular-files.ts";
import type { PackedEntry } from "./containers/reader-protocol.ts";
import { MAX_ENTRIES } from "./containers/types.ts";
import { filesByName } from "./files-by-name.ts";
import type { ArchiveEntry } from "./types.ts";
import type { Directories, ZipDirectory } from "./zip-directories.ts";
import { findZipEnd } from "./zip-end.ts";
import { ZipFileReader } from "./zip-file.ts";
import { detectEntryNames } from "./zip-names.ts";

/** Bytes of the central directory, names and comments included. */
const MAX_DIRECTORY = 16 * 1024 * 1024;
const STORED = 0;
const DEFLATED = 8;

const inflate = promisify(inflateRaw);

/** An open file, and its state when it was opened. */
export interface OpenFile {
  handle: FileHandle;
  stats: BigIntStats;
}

/**
 * The files in a zip, in the order of its directory, without folders, unsafe names (`..`, absolute, with a drive) and
 * repeated names.
 * @throws HitagiError ARCHIVE_BROKEN
 */
export const zipEntries = (file: OpenFile, directories: Directories): Promise<ArchiveEntry[]> =>
  withZip(file, directories, async ({ directory }) => {
    return [...directory].map(([name, entry]) => ({
      name,
      size: entry.uncompressedSize,
      ...(entry.isEncrypted() && { encrypted: true as const }),
    }));
  });

/**
 * One file of a zip, unpacked and with its checksum compared. Holds at most about twice `maxBytes` in memory.
 * @throws HitagiError ARCHIVE_BROKEN, ARCHIVE_UNREADABLE, ENTRY_NOT_FOUND, ENTRY_TOO_LARGE
 */
export const readZipEntry = (
  file: OpenFile,
  name: string,
  maxBytes: number,
  directories: Directories,
): Promise<Buffer> =>
  withZip(file, directories, async ({ zip, reader, start, directory }) => {
    const entry = directory.get(name);
    if (entry === undefined) throw new HitagiError("ENTRY_NOT_FOUND", { name });
    if (entry.uncompressedSize > maxBytes || entry.compressedSize > packedLimit(maxBytes)) {
      throw new HitagiError("ENTRY_TOO_LARGE", { name, limit: maxBytes });
    }
    if (entry.isEncrypted()) throw new HitagiError("ARCHIVE_UNREADABLE", { reason: "it is encrypted" });
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
      throw unknownMethod(packedEntry(entry, start + fileDataStart));
    const packed = await reader.bytes(fileDataStart, entry.compressedSize);
    return checked(name, entry, await unpack(name, entry, packed));
  });

/** The cause of an error: a method that is not read here, such as Deflate64 or LZMA. */
class UnknownMethod extends Error {
  readonly entry: PackedEntry;
  constructor(message: string, entry: PackedEntry) {
    super(message);
    this.entry = entry;
  }
}

const packedEntry = (entry: Entry, position: number): PackedEntry => ({
  position,
  packedSize: entry.compressedSize,
  size: entry.uncompressedSize,
  crc32: entry.crc32,
  method: entry.compressionMethod,
  flags: entry.generalPurposeBitFlag,
});

const unknownMethod = (entry: PackedEntry): HitagiError => {
  const reason = `it uses the compression method ${entry.method}`;
  return new HitagiError("ARCHIVE_UNREADABLE", { reason }, { cause: new UnknownMethod(reason, entry) });
};

/** The entry that could not be read for its compression method alone; undefined for other errors. */
export const entryOfUnknownMethod = (error: unknown): PackedEntry | undefined =>
  isHitagiError(error, "ARCHIVE_UNREADABLE") && error.cause instanceof UnknownMethod
    ? error.cause.entry
    : undefined;

const broken = (reason: string, cause?: unknown) => new HitagiError("ARCHIVE_BROKEN", { reason }, { cause });

interface OpenZip {
  zip: ZipFile;
  reader: ZipFileReader;
  /** Where the zip begins in the file. */
  start: number;
  directory: ZipDirectory;
}

/** Opens the zip in a file for one use. @throws HitagiError only */
const withZip = async <T>(
  { handle, stats }: OpenFile,
  directories: Directories,
  use: (open: OpenZip) => Promise<T>,
): Promise<T> => {
  try {
    const size = Number(stats.size);
    const range = (await findZipEnd(handle, size)) ?? { start: 0, end: size };
    const reader = new ZipFileReader(handle, range);
    const zip = await fromRandomAccessReaderPromise(reader, range.end - range.start, {
      autoClose: false,
      decodeStrings: false,
    });
    const directory = await directories(stats, () => readDirectory(zip));
    return await use({ zip, reader, start: range.start, directory });
  } catch (error) {
    throw asBroken(error);
  }
};

/** ARCHIVE_BROKEN for any other error. Messages of the zip reader are shown; those of the system contain paths, so only their code is. */
export const asBroken = (error: unknown): HitagiError => {
  if (isHitagiError(error)) return error;
  if (error instanceof NotRegularError) return broken("something else is in place of its file", error);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return broken(message, error);
  return broken(code === "ENOENT" ? "its file is gone" : `its file cannot be read (${code})`, error);
};

const readDirectory = async (zip: ZipFile): Promise<ZipDirectory> => {
  if (zip.entryCount > MAX_ENTRIES) throw broken(`it has more than ${MAX_ENTRIES} entries`);
  const all: Entry[] = [];
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    bytes += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    if (bytes > MAX_DIRECTORY) throw broken(`its directory is larger than ${MAX_DIRECTORY} bytes`);
    all.push(entry);
  }
  rejectOverlap(all);
  return filesByName(all, await detectEntryNames(all));
};

/** Entries that share bytes are how a small zip claims to unpack to a huge one (Fifield, WOOT 2019). */
const rejectOverlap = (entries: Entry[]) => {
  const byOffset = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const { relativeOffsetOfLocalHeader: start, compressedSize } of byOffset) {
    if (start < end) throw broken("its entries overlap");
    end = start + compressedSize;
  }
};

/** An upper bound of what deflate makes of incompressible bytes (RFC 1951 §3.2.4). */
const packedLimit = (maxBytes: number) => maxBytes + Math.ceil(maxBytes / 1000) + 1024;

const unpack = async (name: string, entry: Entry, packed: Buffer): Promise<Buffer> => {
  if (entry.compressionMethod === STORED) return packed;
  try {
    return await inflate(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) });
  } catch (error) {
    throw broken(`${name} does not unpack to what is announced`, error);
  }
};

const checked = (name: string, entry: Entry, bytes: Buffer): Buffer => {
  if (bytes.length !== entry.uncompressedSize) throw broken(`${name} has not the announced size`);
  if (crc32(bytes) !== entry.crc32) throw broken(`${name} has a wrong checksum`);
  return bytes;
};
