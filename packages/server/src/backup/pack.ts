import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { isHitagiError } from "@hitagi/contract";
import { Header, Pax } from "tar";
import { ifThere } from "../disk/errors.ts";
import { NotRegularError, openBelow } from "../disk/regular-files.ts";
import { version } from "../version.ts";
import { maxBytesOf } from "./contents.ts";
import {
  type BackupManifest,
  FORMAT,
  type LeftOut,
  MANIFEST_NAME,
  type Part,
  type PartFile,
} from "./types.ts";

const BLOCK = 512;
const CHUNK = 256 * 1024;
const NOTHING = Buffer.alloc(0);

/** Nearly every file may hold secrets. */
const MODE = 0o600;

/** A file's header in the tar (POSIX pax): a long name or a large size needs an extended header before it. */
const headerOf = (path: string, size: number, mtime: Date): Buffer => {
  const about = { path, size, mtime, mode: MODE, type: "File" as const };
  const header = new Header(about);
  const extended = header.encode() ? new Pax(about).encode() : NOTHING;
  return Buffer.concat([extended, header.block ?? NOTHING]);
};

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** The first bytes of a file, as many as its header says: bytes that are added meanwhile are left out. */
const bytesOf = async function* (handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const wanted = Math.min(CHUNK, size - at);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
    if (bytesRead === 0) throw new Error("a file became shorter while it was read");
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
};

type FileEntry = BackupManifest["files"][number];

/** Opens a file; undefined if it was deleted or replaced by something else after it was listed. */
const openListed = async ({ path, folder }: PartFile): Promise<FileHandle | undefined> => {
  try {
    return await ifThere(openBelow(folder, path));
  } catch (e) {
    if (isHitagiError(e) && e.cause instanceof NotRegularError) return undefined;
    throw e;
  }
};

/** Packs one file, and adds its entry for the manifest. Leaves out a file that was deleted meanwhile, or that no backup has. */
const packFile = async function* (listed: PartFile, entries: FileEntry[]): AsyncGenerator<Buffer> {
  const { part, path } = listed;
  const handle = await openListed(listed);
  if (!handle) return;
  try {
    const { size, mtime } = await handle.stat();
    const name = `${part}/${path}`;
    if (size > (maxBytesOf(name) ?? -1)) return;
    const hash = createHash("sha256");
    yield headerOf(name, size, mtime);
    for await (const bytes of bytesOf(handle, size)) {
      hash.update(bytes);
      yield bytes;
    }
    yield padding(size);
    entries.push({ path: name, size, sha256: hash.digest("hex") });
  } finally {
    await handle.close();
  }
};

/** Bytes of the names of what is left out: a restore takes a manifest that is hardly larger than its files need. */
const MAX_LEFT_OUT = 8 * 1024;

/** Counts what is left out, and keeps the first of it. */
const createLeftOut = () => {
  const first: LeftOut[] = [];
  let [count, bytes] = [0, 0];
  return {
    add: (left: LeftOut): void => {
      count += 1;
      bytes += Buffer.byteLength(JSON.stringify(left));
      if (bytes <= MAX_LEFT_OUT) first.push(left);
    },
    end: (): Pick<BackupManifest, "left_out"> => (count > 0 ? { left_out: { count, first } } : {}),
  };
};

/** The files of a backup; what it cannot have is passed on. */
type ListFiles = (onLeftOut: (left: LeftOut) => void) => AsyncIterable<PartFile>;

const packAll = async function* (list: ListFiles, parts: readonly Part[]): AsyncGenerator<Buffer> {
  const created = new Date();
  const entries: FileEntry[] = [];
  const leftOut = createLeftOut();
  for await (const file of list(leftOut.add)) yield* packFile(file, entries);
  const about: BackupManifest = {
    format: FORMAT,
    hitagi: version,
    created: created.toISOString(),
    parts: [...parts],
    files: entries,
    ...leftOut.end(),
  };
  const manifest = Buffer.from(`${JSON.stringify(about)}\n`);
  yield headerOf(MANIFEST_NAME, manifest.length, created);
  yield manifest;
  yield padding(manifest.length);
  // Two empty blocks end a tar.
  yield Buffer.alloc(2 * BLOCK);
};

/** Packs files as a .tar.gz stream with the manifest last. Reads them as the stream is consumed. */
export const packBackup = (list: ListFiles, parts: readonly Part[]): Readable => {
  // Archives are compressed already, and the fastest level is nearly as good for the rest.
  const packed = createGzip({ level: 1 });
  const source = Readable.from(packAll(list, parts), { objectMode: false });
  // The reader gets an error from the stream itself, and may stop early.
  pipeline(source, packed, () => {});
  return packed;
};
