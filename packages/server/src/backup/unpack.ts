import { createHash } from "node:crypto";
import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { HitagiError } from "@hitagi/contract";
import { Parser, type ReadEntry } from "tar";
import { lazySchema } from "../lazy-schema.ts";
import { maxBytesOf } from "./contents.ts";
import { BackupManifest, FORMAT, MANIFEST_NAME, parts } from "./types.ts";

/** Called with each file of a backup. Must read the content to its end. */
export type Receive = (path: string, content: AsyncIterable<Buffer>) => Promise<void>;

/** Called with the path and the bytes of each file, before its content is read. Throws to refuse the backup. */
export type OnFile = (path: string, size: number) => void;

/** What a backup has. */
export interface UnpackedBackup {
  manifest: BackupManifest;
  /** The paths of files that no backup has. They are not taken out. */
  foreign: string[];
}

/** The files that were read, by path. */
type Entries = Map<string, { size: number; sha256: string }>;

/** Bytes. A library of a million archives needs less. */
const MAX_MANIFEST = 256 * 1024 * 1024;

/** The least bytes of a file in the manifest beside its path: a size, a SHA-256, and the JSON around them. */
const LEAST_ROW = 100;

/** The most bytes in the manifest: its head, each byte of a path, which JSON may escape, and a file beside its path. */
const MOST = { head: 16 * 1024, escaped: 6, row: 160 };

const manifests = lazySchema(BackupManifest);
const invalid = (reason: string, cause?: unknown) => new HitagiError("BACKUP_INVALID", { reason }, { cause });

/** Refuses more files than a manifest can name, and a manifest that is larger than its files need, before any of it is kept. */
const createFileCount = (maxManifest: number) => {
  let files = 0;
  let pathBytes = 0;
  return {
    /** @throws HitagiError BACKUP_INVALID */
    add: (path: string): void => {
      files += 1;
      pathBytes += Buffer.byteLength(path);
      if (pathBytes + files * LEAST_ROW > maxManifest) throw invalid("it holds too many files");
    },
    /** @throws HitagiError BACKUP_INVALID */
    checkManifest: (size: number): void => {
      const most = MOST.head + pathBytes * MOST.escaped + files * MOST.row;
      if (size > Math.min(maxManifest, most)) throw invalid("its manifest is too large");
    },
  };
};

const inPart = new RegExp(`^(?:${parts.join("|")})/.`);

/** Characters that are separators or illegal in a name. */
const illegal = process.platform === "win32" ? /[\\:\0]/ : /\0/;

/** Whether a path stays inside its part. */
const isSafePath = (path: string): boolean =>
  inPart.test(path) &&
  !illegal.test(path) &&
  path.split("/").every((name) => name !== "" && !name.startsWith("."));

/** Passes bytes on, and adds their size and hash to the entries. */
const recorded = async function* (bytes: Readable, path: string, entries: Entries): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    size += chunk.length;
    hash.update(chunk);
    yield chunk;
  }
  entries.set(path, { size, sha256: hash.digest("hex") });
};

const readAll = async (bytes: AsyncIterable<Buffer>): Promise<void> => {
  for await (const _ of bytes);
};

const readText = async (bytes: Readable): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
};

const parseManifest = (text: string): BackupManifest => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "format" in value && Number(value.format) > FORMAT)
      throw invalid("a newer Hitagi made it");
    if (manifests().Check(value)) return value;
  } catch (e) {
    if (!(e instanceof SyntaxError)) throw e;
  }
  throw invalid("its manifest is not one");
};

/** Compares the files with the manifest, which must name exactly these. @throws HitagiError BACKUP_INVALID */
const compare = ({ files }: BackupManifest, entries: Entries): void => {
  for (const { path, size, sha256 } of files) {
    const found = entries.get(path);
    if (!found) throw invalid(`${path} is missing`);
    if (found.size !== size || found.sha256 !== sha256) throw invalid(`${path} is not what was backed up`);
    entries.delete(path);
  }
  const [other] = entries.keys();
  if (other !== undefined) throw invalid(`${other} is not in its manifest`);
};

/** The errors of the parser and of zlib mean a damaged backup; those of the receiver pass. */
const asInvalid = (e: unknown): unknown => {
  const { code } = e as { code?: unknown };
  const isDamage = typeof code === "string" && /^(?:Z_|TAR_)/.test(code);
  return isDamage ? invalid("it is damaged, or cut short", e) : e;
};

/** An entry as a stream that can be destroyed: a truncated entry never ends. */
const contentOf = (entry: ReadEntry): PassThrough => {
  const content = new PassThrough();
  entry.pipe(content);
  return content;
};

type Take = (entry: ReadEntry, content: Readable) => Promise<void>;

/** The most bytes around the content of an entry: its headers, a long name, and what fills its last block. */
const AROUND = 16 * 1024;

/** Bytes of a tar beside its entries: what fills its last record, and what is read ahead. */
const BESIDE = 1024 * 1024;

/** Counts the bytes of a tar: more of them than its entries need hold nothing, and may go on for years. */
const createByteCount = () => {
  let most = BESIDE;
  return {
    add: (size: number): void => {
      most += size + AROUND;
    },
    /** Whether the entries so far need that many bytes more. */
    take: (bytes: number): boolean => {
      most -= bytes;
      return most >= 0;
    },
  };
};

/** Parses a .tar.gz, and calls `take` with one entry after the other. Ends after the last one, or when one fails. */
const eachEntry = async (source: Readable, take: Take): Promise<void> => {
  const count = createByteCount();
  const parser = new Parser({ strict: true });
  const stop = new AbortController();
  const { signal } = stop;
  const open = new Set<PassThrough>();
  const fail = (e: unknown): void => {
    stop.abort(e);
    for (const content of open) content.destroy(e instanceof Error ? e : undefined);
  };
  let last: Promise<void> = Promise.resolve();
  parser.on("error", fail);
  parser.on("entry", (entry: ReadEntry) => {
    count.add(entry.size);
    const content = contentOf(entry);
    open.add(content);
    // A reader gets the error itself; without one it must not be uncaught.
    content.on("error", () => {}).once("close", () => open.delete(content));
    last = last.then(() => take(entry, content));
    last.catch(fail);
  });
  const feed = async (bytes: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of bytes) {
      if (!count.take(chunk.length)) fail(invalid("it holds far more bytes than its files have"));
      signal.throwIfAborted();
      if (!parser.write(chunk)) await once(parser, "drain", { signal });
    }
    const ended = once(parser, "end", { signal });
    parser.end();
    await ended;
  };
  await pipeline(source, createGunzip(), feed).catch(fail);
  // The caller removes the files that `take` writes, so wait for its end.
  await last.catch(fail);
  signal.throwIfAborted();
};

interface UnpackOptions {
  onFile?: OnFile;
  /** Bytes of the largest manifest, which also limits how many files it can name. */
  maxManifest?: number;
}

/**
 * Reads a backup, and calls `receive` with each file that a backup has (contents.ts). At the end, compares all files with the manifest.
 * @throws HitagiError BACKUP_INVALID for a damaged or truncated backup
 */
export const unpackBackup = async (
  source: Readable,
  receive: Receive,
  { onFile = () => {}, maxManifest = MAX_MANIFEST }: UnpackOptions = {},
): Promise<UnpackedBackup> => {
  const count = createFileCount(maxManifest);
  const entries: Entries = new Map();
  const foreign: string[] = [];
  let manifest: string | undefined;
  const take: Take = async ({ path, type, size }, content) => {
    if (manifest !== undefined) throw invalid("something follows its manifest");
    if (type !== "File" && type !== "OldFile") throw invalid("it holds something that is no file");
    if (path === MANIFEST_NAME) {
      count.checkManifest(size);
      manifest = await readText(content);
      return;
    }
    if (!isSafePath(path) || entries.has(path)) throw invalid(`it holds the name ${path}`);
    count.add(path);
    const maxBytes = maxBytesOf(path);
    if (maxBytes !== undefined && size > maxBytes) throw invalid(`${path} is larger than ${maxBytes} bytes`);
    onFile(path, size);
    const bytes = recorded(content, path, entries);
    if (maxBytes !== undefined) return receive(path, bytes);
    foreign.push(path);
    await readAll(bytes);
  };
  await eachEntry(source, take).catch((e: unknown) => {
    throw asInvalid(e);
  });
  if (manifest === undefined) throw invalid("it is cut short, or no backup of Hitagi");
  const read = parseManifest(manifest);
  compare(read, entries);
  return { manifest: read, foreign };
};

/** Reads a backup and compares its content with its manifest. Writes nothing. @throws HitagiError BACKUP_INVALID */
export const checkBackup = (source: Readable, onFile?: OnFile): Promise<UnpackedBackup> =>
  unpackBackup(source, (_path, content) => readAll(content), onFile && { onFile });
