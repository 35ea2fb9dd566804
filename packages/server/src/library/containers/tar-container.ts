import { isUtf8 } from "node:buffer";
import { Header } from "tar/header";
import { type ByteSource, type OpenContainer, type ReaderEntry, ReaderFault } from "./reader-protocol.ts";
import { LONG_NAME, MAX_ENTRIES, MAX_NAME, MAX_NAMES } from "./types.ts";

const BLOCK = 512;
/** Bytes of the records before a file, such as a long name. */
const MAX_RECORDS = 1024 * 1024;
/** Bytes of the records of all files. Those of macOS have some KB for each. */
const MAX_ALL_RECORDS = 128 * 1024 * 1024;

const FILES: readonly string[] = ["File", "OldFile", "ContiguousFile"];
/** Entries of these types have no content here, also where they name a size. */
const LINKS: readonly string[] = ["Link", "SymbolicLink"];

interface TarFile extends ReaderEntry {
  /** Where its content begins. */
  position: number;
}

/** What the records before a file say of it, in place of its header. */
interface Records {
  name?: Buffer | undefined;
  size?: number | undefined;
}

const broken = (reason: string) => new ReaderFault("ARCHIVE_BROKEN", reason);

const readAt = (source: ByteSource, position: number, size: number): Buffer => {
  const into = Buffer.alloc(size);
  return into.subarray(0, source.read(into, position));
};

const untilZero = (bytes: Buffer): Buffer => {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
};

/** The name in a header: after its prefix, if it is of POSIX's format (POSIX.1-2017, pax, "ustar Interchange Format"). */
const nameIn = (block: Buffer): Buffer => {
  const name = untilZero(block.subarray(0, 100));
  const isPosix = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? untilZero(block.subarray(345, 500)) : Buffer.alloc(0);
  return prefix.length > 0 ? Buffer.concat([prefix, Buffer.from("/"), name]) : name;
};

/** Reads records of the form `length name=value\n` (POSIX.1-2017, pax, "pax Extended Header"); undefined where they are damaged. */
const paxRecords = (body: Buffer): Records | undefined => {
  const records: Records = {};
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(" ", at);
    const length = Number(body.toString("latin1", at, space));
    if (space < at || !(length > space - at)) return undefined;
    const record = body.subarray(space + 1, at + length - 1);
    if (record.indexOf("path=") === 0) records.name = record.subarray("path=".length);
    if (record.indexOf("size=") === 0) records.size = Number(record.toString("latin1", "size=".length));
    at += length;
  }
  return records;
};

/** Types of headers that are about the file after them. */
const RECORDS: readonly string[] = ["NextFileHasLongPath", "ExtendedHeader"];
/** The path of a link, and what holds for all files: not needed here. */
const SKIPPED: readonly string[] = ["NextFileHasLongLinkpath", "GlobalExtendedHeader"];

/** The header in a block; undefined where it is damaged. */
const headerIn = (block: Buffer): Header | undefined => {
  try {
    const header = new Header(block);
    return header.nullBlock || header.cksumValid ? header : undefined;
  } catch {
    // A number beyond what JavaScript represents.
    return undefined;
  }
};

const entryOf = (raw: Buffer, size: number, position: number): TarFile =>
  isUtf8(raw)
    ? { name: raw.toString("utf8").replace(/^(?:\.\/+)+/, ""), size, position }
    : { name: raw.toString("latin1").replace(/^(?:\.\/+)+/, ""), isRaw: true, size, position };

/** Rejects an archive with more than one may have. @throws ReaderFault ARCHIVE_BROKEN */
const createLimits = () => {
  let [entries, names, records] = [0, 0, 0];
  return {
    countName: (name: Buffer): void => {
      entries += 1;
      names += name.length;
      if (entries > MAX_ENTRIES) throw broken(`it has more than ${MAX_ENTRIES} entries`);
      if (name.length > MAX_NAME) throw broken(LONG_NAME);
      if (names > MAX_NAMES) throw broken(`its names are longer than ${MAX_NAMES} bytes together`);
    },
    countRecords: (bytes: number): void => {
      records += bytes;
      if (records > MAX_ALL_RECORDS)
        throw broken(`the records before its files are longer than ${MAX_ALL_RECORDS} bytes`);
    },
  };
};

/** The files in a tar, in its order. Those before a damaged place can be read. @throws ReaderFault ARCHIVE_BROKEN */
const readHeaders = (source: ByteSource): TarFile[] => {
  const files: TarFile[] = [];
  const limits = createLimits();
  let before: Records = {};
  for (let position = 0; position + BLOCK <= source.size; ) {
    const block = readAt(source, position, BLOCK);
    const header = headerIn(block);
    if (header === undefined) break;
    if (header.nullBlock) return files;
    const { type } = header;
    const ownSize = LINKS.includes(type) ? 0 : (header.size ?? 0);
    const content = position + BLOCK;
    const isRecords = RECORDS.includes(type);
    const isOfFile = !isRecords && !SKIPPED.includes(type);
    const size = isOfFile ? (before.size ?? ownSize) : ownSize;
    if (!Number.isSafeInteger(size) || size < 0) break;
    if (isRecords) {
      const body = readAt(source, content, Math.min(size, MAX_RECORDS));
      limits.countRecords(body.length);
      const records = type === "ExtendedHeader" ? paxRecords(body) : { name: untilZero(body) };
      if (records === undefined) break;
      before = { ...before, ...records };
    } else if (isOfFile) {
      const name = before.name ?? nameIn(block);
      if (FILES.includes(type)) {
        limits.countName(name);
        files.push(entryOf(name, size, content));
      }
      before = {};
    }
    position = content + Math.ceil(size / BLOCK) * BLOCK;
  }
  if (files.length === 0) throw broken("its data is damaged (it has no valid header)");
  return files;
};

/** Opens a tar. Names are in no known encoding: one that is not UTF-8 is listed by its bytes. @throws ReaderFault */
export const openTar = (source: ByteSource): OpenContainer => {
  const files = readHeaders(source);
  const byName = new Map(files.toReversed().map((file) => [file.name, file]));
  return {
    entries: async () => files.map(({ position: _, ...entry }) => entry),
    read: async (name, maxBytes) => {
      const file = byName.get(name);
      if (file === undefined) throw new ReaderFault("ENTRY_NOT_FOUND");
      if (file.size > maxBytes) throw new ReaderFault("ENTRY_TOO_LARGE");
      const bytes = readAt(source, file.position, file.size);
      if (bytes.length < file.size) throw new ReaderFault("ARCHIVE_BROKEN", "it is cut off");
      return bytes;
    },
    close: async () => {},
  };
};
