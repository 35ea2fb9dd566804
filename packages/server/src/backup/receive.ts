import { createHash } from "node:crypto";
import { open, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { type BackupContent, HitagiError } from "@hitagi/contract";
import { storeError } from "../disk/errors.ts";
import { makeFolder } from "../disk/folders.ts";
import { diskStateOf, freeBytes } from "../disk/free-space.ts";
import { readApiKey } from "../keys/api-key-file.ts";
import { checkStore, createRoom, type RestoreDeps, unpackedPath } from "./check-content.ts";
import { type ServerFolders, STORE_NAME } from "./types.ts";
import { type Receive, type UnpackedBackup, unpackBackup } from "./unpack.ts";
import { newBackupName, waitingFolder } from "./waiting.ts";

/** Bytes that are received between two looks at the free space. */
const LOOK_EVERY = 16 * 1024 * 1024;

/** The foreign files that are named. */
const MAX_NAMED = 20;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Passes a stream on as it writes it to a file. @throws HitagiError DISK_FULL while there is space left for the server */
const saved = async function* (source: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  const handle = await open(file, "wx", 0o600);
  try {
    let unlooked = LOOK_EVERY;
    for await (const chunk of source) {
      unlooked += chunk.length;
      if (unlooked >= LOOK_EVERY) {
        unlooked = 0;
        if (diskStateOf(await freeBytes(path.dirname(file))) === "full") throw new HitagiError("DISK_FULL");
      }
      await handle.writeFile(chunk);
      yield chunk;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Reads what of a backup has to be looked into before it is restored: the key, and the store, which is unpacked to a folder. */
const createReader = (folders: ServerFolders, folder: string) => {
  let key: string | undefined;
  const receive: Receive = async (name, content) => {
    // Refuses what this server has no place for.
    unpackedPath(folders, name);
    if (name === "data/api-key") {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk);
      key = Buffer.concat(chunks).toString("utf8").trim();
    } else if (name.startsWith("store/")) {
      const file = path.join(folder, name);
      await makeFolder(path.dirname(file), 0o700);
      await writeFile(file, content, { flag: "wx", mode: 0o600 });
    } else for await (const _ of content);
  };
  return { receive, key: () => key };
};

/** What an owner is told of a backup before its restore. */
const contentOf = ({ manifest, foreign }: UnpackedBackup, size: number, otherKey: boolean): BackupContent => {
  const { created, hitagi, files, parts } = manifest;
  const countIn = (part: string): number => files.filter(({ path: name }) => name.startsWith(part)).length;
  return {
    created,
    hitagi,
    size,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    files: files.length,
    plugins: countIn("plugins/"),
    archives: parts.includes("library") ? countIn("library/") : null,
    foreign: { count: foreign.length, first: foreign.slice(0, MAX_NAMED) },
    other_key: otherKey,
  };
};

/**
 * Receives a backup into the folder of the waiting restore, and makes each check there that a restore makes before it changes something,
 * while the bytes arrive. What is refused leaves nothing.
 * @returns the name of its file, and what it has
 * @throws HitagiError BACKUP_INVALID, STORE_NEWER, DISK_FULL, STORE_FAILED; the error of the stream
 */
export const receiveBackup = async (
  { folders, openCopy }: RestoreDeps,
  stream: Readable,
): Promise<{ file: string; backup: BackupContent }> => {
  const folder = waitingFolder(folders);
  const file = newBackupName();
  const part = path.join(folder, `${file}.part`);
  const unpacked = path.join(folder, `${file}.check`);
  try {
    await makeFolder(unpacked, 0o700);
    const reader = createReader(folders, unpacked);
    let size = 0;
    const counted = async function* () {
      for await (const chunk of saved(stream, part)) {
        size += chunk.length;
        yield chunk;
      }
    };
    const bytes = Readable.from(counted(), { objectMode: false });
    const found = await unpackBackup(bytes, reader.receive, { onFile: await createRoom(folders) });
    await checkStore({ openCopy }, path.join(unpacked, "store", STORE_NAME));
    const current = await readApiKey(folders.data);
    const key = reader.key();
    const isOther = current !== undefined && key !== undefined && sha256(key) !== sha256(current);
    await rename(part, path.join(folder, file));
    return { file, backup: contentOf(found, size, isOther) };
  } catch (e) {
    await rm(part, { force: true });
    throw storeError(e);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
};
