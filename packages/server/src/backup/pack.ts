import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { Header, Pax } from "tar";
import { ifThere } from "../disk/errors.ts";
import { version } from "../version.ts";
import { type BackupManifest, FORMAT, MANIFEST_NAME, type Part, type PartFile } from "./types.ts";

const BLOCK = 512;
const CHUNK = 256 * 1024;
const NOTHING = Buffer.alloc(0);

/** Secrets are in nearly every file, so whoever unpacks one by hand gets files of their own. */
const MODE = 0o600;

/** A file's header in the tar (POSIX pax): a long name or a large size takes an extended one before it. */
const headerOf = (path: string, size: number, mtime: Date): Buffer => {
  const about = { path, size, mtime, mode: MODE, type: "File" as const };
  const header = new Header(about);
  const extended = header.encode() ? new Pax(about).encode() : NOTHING;
  return Buffer.concat([extended, header.block ?? NOTHING]);
};

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** Exactly so many bytes of a file: what is added to it meanwhile is not in the header, and left out. */
const bytesOf = async function* (handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const wanted = Math.min(CHUNK, size - at);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
    if (bytesRead === 0) throw new Error("a file became shorter while it was read");
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
};

type FileNote = BackupManifest["files"][number];

/** One file, and what the manifest says of it. An archive may be deleted before its turn comes; it is left out. */
const packFile = async function* ({ part, path, file }: PartFile, notes: FileNote[]): AsyncGenerator<Buffer> {
  const handle = await ifThere(open(file, "r"));
  if (!handle) return;
  try {
    const { size, mtime } = await handle.stat();
    const name = `${part}/${path}`;
    const hash = createHash("sha256");
    yield headerOf(name, size, mtime);
    for await (const bytes of bytesOf(handle, size)) {
      hash.update(bytes);
      yield bytes;
    }
    yield padding(size);
    notes.push({ path: name, size, sha256: hash.digest("hex") });
  } finally {
    await handle.close();
  }
};

const packAll = async function* (
  files: AsyncIterable<PartFile>,
  parts: readonly Part[],
): AsyncGenerator<Buffer> {
  const created = new Date();
  const notes: FileNote[] = [];
  for await (const file of files) yield* packFile(file, notes);
  const about: BackupManifest = {
    format: FORMAT,
    hitagi: version,
    created: created.toISOString(),
    parts: [...parts],
    files: notes,
  };
  const manifest = Buffer.from(`${JSON.stringify(about)}\n`);
  yield headerOf(MANIFEST_NAME, manifest.length, created);
  yield manifest;
  yield padding(manifest.length);
  // Two empty blocks end a tar.
  yield Buffer.alloc(2 * BLOCK);
};

/**
 * Files as one stream in the form .tar.gz, read as it is consumed, with the manifest last. Any program that knows the format
 * unpacks it.
 */
export const packBackup = (files: AsyncIterable<PartFile>, parts: readonly Part[]): Readable => {
  // Archives are compressed already, and the quickest level is nearly as good for the rest.
  const packed = createGzip({ level: 1 });
  const source = Readable.from(packAll(files, parts), { objectMode: false });
  source.once("error", (e) => packed.destroy(e));
  packed.once("close", () => source.destroy());
  return source.pipe(packed);
};
