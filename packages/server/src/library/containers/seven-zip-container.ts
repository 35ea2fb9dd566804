import type { ArchiveEntry } from "../types.ts";
import { type ByteSource, type OpenContainer, ReaderFault } from "./reader-protocol.ts";
import { runSevenZip } from "./seven-zip.ts";
import { hasEncryptedNames } from "./seven-zip-header.ts";
import { type ListedEntry, type Listing, readListing } from "./seven-zip-listing.ts";
import { openTar } from "./tar-container.ts";
import { type Format, LONG_NAME, MAX_ENTRIES, MAX_NAME } from "./types.ts";

const MB = 1024 * 1024;
/** Bytes of a listing: 800 for each entry. */
const MAX_LISTING = 16 * MB;
/** Bytes of a solid archive's files that are unpacked together and kept while it is open. */
const MAX_TOGETHER = 256 * MB;
/** Bytes of the tar in a compressed tar, which is unpacked into memory. */
const MAX_TAR = 512 * MB;

type SevenZipFormat = Exclude<Format, "pdf" | "tar">;

const COMPRESSED: readonly SevenZipFormat[] = ["gzip", "xz", "zstd", "bzip2", "lzma"];

const ENCRYPTED = "it is encrypted";

/** What 7-Zip says of an archive that is not damaged, and what it means. */
const unreadable: readonly (readonly [said: RegExp, reason: string])[] = [
  [/password|encrypted/i, ENCRYPTED],
  [/allocate|memory/i, "it needs too much memory"],
  [/unsupported method/i, "it is compressed by a method that is not known here"],
  [/volume/i, "it is one of several volumes"],
];

const faultOf = (stderr: string): ReaderFault => {
  const reason = unreadable.find(([said]) => said.test(stderr))?.[1];
  if (reason) return new ReaderFault("ARCHIVE_UNREADABLE", reason);
  const said = stderr.match(/^(?:ERRORS?: *)?([A-Z][A-Za-z ]+)(?= :|$)/m)?.[1]?.trim() ?? "";
  return new ReaderFault("ARCHIVE_BROKEN", said ? `its data is damaged (${said})` : "its data is damaged");
};

const list = async (source: ByteSource, format: SevenZipFormat): Promise<Listing> => {
  const args = ["l", "-slt", "-sccUTF-8", "-p-", `-t${format}`];
  const output = await runSevenZip(source, args, MAX_LISTING);
  const listing = output && readListing(output.stdout.toString("utf8"));
  if (!listing || listing.entries.length > MAX_ENTRIES)
    throw new ReaderFault("ARCHIVE_BROKEN", `it has more than ${MAX_ENTRIES} entries`);
  if (listing.entries.some(({ name }) => name.length > MAX_NAME))
    throw new ReaderFault("ARCHIVE_BROKEN", LONG_NAME);
  // The files before the place where it was cut off can be read.
  if (output.code > 1 && listing.entries.length === 0) throw faultOf(output.stderr);
  return listing;
};

/** Unpacks the named files, or all, one after the other. @returns undefined where they are larger than `maxBytes` */
const unpack = async (
  source: ByteSource,
  format: SevenZipFormat,
  maxBytes: number,
  ...names: string[]
): Promise<Buffer | undefined> => {
  const chosen = names.map((name) => `-i!${name}`);
  const args = ["x", "-so", "-y", "-spd", "-sccUTF-8", "-scsUTF-8", "-p-", `-t${format}`, ...chosen];
  const output = await runSevenZip(source, args, maxBytes);
  if (output && output.code > 1) throw faultOf(output.stderr);
  return output?.stdout;
};

const tarIn = async (source: ByteSource, format: SevenZipFormat): Promise<ByteSource> => {
  const tar = await unpack(source, format, MAX_TAR);
  if (tar === undefined)
    throw new ReaderFault("ARCHIVE_UNREADABLE", `it unpacks to more than ${MAX_TAR / MB} MB`);
  return { size: tar.length, read: (into, position) => tar.copy(into, 0, position, position + into.length) };
};

/** The files of a solid archive by name, cut out of what it unpacks to as a whole; undefined where they are too large together. */
const unpackTogether = async (
  source: ByteSource,
  format: SevenZipFormat,
  entries: readonly ListedEntry[],
): Promise<Map<string, Buffer> | undefined> => {
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  const all = total <= MAX_TOGETHER ? await unpack(source, format, total) : undefined;
  if (all?.length !== total) return undefined;
  let at = 0;
  const files = new Map<string, Buffer>();
  for (const { name, size } of entries) {
    if (!files.has(name)) files.set(name, all.subarray(at, at + size));
    at += size;
  }
  return files;
};

/** Opens an archive that 7-Zip reads. @throws ReaderFault */
export const openSevenZip = async (source: ByteSource, format: SevenZipFormat): Promise<OpenContainer> => {
  if (COMPRESSED.includes(format)) return openTar(await tarIn(source, format));
  if (format === "7z" && hasEncryptedNames(source)) throw new ReaderFault("ARCHIVE_UNREADABLE", ENCRYPTED);
  const { entries, isSolid } = await list(source, format);
  const byName = new Map(entries.toReversed().map((entry) => [entry.name, entry]));
  let together: Promise<Map<string, Buffer> | undefined> | undefined;
  const readAlone = async (name: string, size: number): Promise<Buffer> => {
    const bytes = await unpack(source, format, size, name);
    if (bytes?.length === size) return bytes;
    throw new ReaderFault("ARCHIVE_BROKEN", `${name} has not the announced size`);
  };
  return {
    entries: async (): Promise<ArchiveEntry[]> =>
      entries.map(({ name, size, isEncrypted }) => ({
        name,
        size,
        ...(isEncrypted && { encrypted: true as const }),
      })),
    read: async (name, maxBytes) => {
      const entry = byName.get(name);
      if (entry === undefined) throw new ReaderFault("ENTRY_NOT_FOUND");
      if (entry.isEncrypted) throw new ReaderFault("ARCHIVE_UNREADABLE", ENCRYPTED);
      if (entry.size > maxBytes) throw new ReaderFault("ENTRY_TOO_LARGE");
      if (isSolid) together ??= unpackTogether(source, format, entries).catch(() => undefined);
      return (await together)?.get(name) ?? readAlone(name, entry.size);
    },
    close: async () => {},
  };
};
