import { createHash } from "node:crypto";
import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { HitagiError } from "@hitagi/contract";
import { Parser, type ReadEntry } from "tar";
import { Compile } from "typebox/compile";
import { BackupManifest, FORMAT, MANIFEST_NAME, parts } from "./types.ts";

/** Takes one file of a backup. Its content must be read to the end. */
export type Receive = (path: string, content: AsyncIterable<Buffer>) => Promise<void>;

type Notes = Map<string, { size: number; sha256: string }>;

/** Far more than a library of a million archives needs. */
const MAX_MANIFEST = 256 * 1024 * 1024;

const manifests = Compile(BackupManifest);
const invalid = (reason: string, cause?: unknown) => new HitagiError("BACKUP_INVALID", { reason }, { cause });

const inPart = new RegExp(`^(?:${parts.join("|")})/.`);

/** Characters by which a name of one system leads elsewhere on another. */
const leading = process.platform === "win32" ? /[\\:\0]/ : /\0/;

/** A path that stays in its part; a backup of ours has no other. */
const isSound = (path: string): boolean =>
  inPart.test(path) &&
  !leading.test(path) &&
  path.split("/").every((name) => name !== "" && !name.startsWith("."));

const counted = async function* (bytes: Readable, path: string, notes: Notes): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    size += chunk.length;
    hash.update(chunk);
    yield chunk;
  }
  notes.set(path, { size, sha256: hash.digest("hex") });
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
    if (manifests.Check(value)) return value;
  } catch (e) {
    if (!(e instanceof SyntaxError)) throw e;
  }
  throw invalid("its manifest is not one");
};

/** Every file that the manifest names, as it says, and no other. */
const compare = ({ files }: BackupManifest, notes: Notes): void => {
  for (const { path, size, sha256 } of files) {
    const found = notes.get(path);
    if (!found) throw invalid(`${path} is missing`);
    if (found.size !== size || found.sha256 !== sha256) throw invalid(`${path} is not what was backed up`);
    notes.delete(path);
  }
  const [other] = notes.keys();
  if (other !== undefined) throw invalid(`${other} is not in its manifest`);
};

/** What the parser and the decompressor throw is about the file; what a receiver throws is not. */
const faultOf = (e: unknown): unknown => {
  const { code } = e as { code?: unknown };
  const known = typeof code === "string" && /^(?:Z_|TAR_)/.test(code);
  return known ? invalid("it is damaged, or cut short", e) : e;
};

/** An entry as a stream that can be made to fail: one that is cut off would never end by itself. */
const contentOf = (entry: ReadEntry): PassThrough => {
  const content = new PassThrough();
  entry.pipe(content);
  return content;
};

type Take = (entry: ReadEntry, content: Readable) => Promise<void>;

/** Feeds a tar to a parser, and hands its entries to `take` one after another. Ends when all are taken, or one failed. */
const eachEntry = async (source: Readable, take: Take): Promise<void> => {
  const parser = new Parser({ strict: true });
  const stop = new AbortController();
  const { signal } = stop;
  const open = new Set<PassThrough>();
  const fail = (e: unknown): void => {
    stop.abort(e);
    for (const content of open) content.destroy(e instanceof Error ? e : undefined);
  };
  let turn: Promise<void> = Promise.resolve();
  parser.on("error", fail);
  parser.on("entry", (entry: ReadEntry) => {
    const content = contentOf(entry);
    open.add(content);
    // Whoever reads it is told; so is nobody who has not begun to.
    content.on("error", () => {}).once("close", () => open.delete(content));
    turn = turn.then(() => take(entry, content));
    turn.catch(fail);
  });
  const feed = async (bytes: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      if (!parser.write(chunk)) await once(parser, "drain", { signal });
    }
    const ended = once(parser, "end", { signal });
    parser.end();
    await ended;
  };
  await pipeline(source, createGunzip(), feed).catch(fail);
  // What was begun ends before its caller clears away what it wrote.
  await turn.catch(fail);
  signal.throwIfAborted();
};

/**
 * Reads a backup through, hands out its files, and compares each with the manifest.
 * @throws HitagiError BACKUP_INVALID where it is damaged, cut short, or none; what is wrong may be known only at its end
 */
export const unpackBackup = async (source: Readable, receive: Receive): Promise<BackupManifest> => {
  const notes: Notes = new Map();
  let manifest: string | undefined;
  const take: Take = async ({ path, type, size }, content) => {
    if (manifest !== undefined) throw invalid("something follows its manifest");
    if (type !== "File" && type !== "OldFile") throw invalid("it holds something that is no file");
    if (path === MANIFEST_NAME) {
      if (size > MAX_MANIFEST) throw invalid("its manifest is too large");
      manifest = await readText(content);
    } else if (!isSound(path) || notes.has(path)) throw invalid(`it holds the name ${path}`);
    else await receive(path, counted(content, path, notes));
  };
  await eachEntry(source, take).catch((e: unknown) => {
    throw faultOf(e);
  });
  if (manifest === undefined) throw invalid("it is cut short, or no backup of Hitagi");
  const read = parseManifest(manifest);
  compare(read, notes);
  return read;
};
