import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { lstat, open, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HitagiError } from "@hitagi/contract";
import { surviveErrors } from "../async/stream-errors.ts";
import { codeOf, unlessMissing } from "../disk/errno.ts";
import { diskFullOr } from "../disk/errors.ts";
import { exists } from "../disk/files.ts";
import { makeFolder, syncFolder } from "../disk/folders.ts";
import { createArchiveHasher } from "./archive-id.ts";
import { stateOf } from "./file-state.ts";
import { numberedName } from "./filename.ts";
import type { Upload } from "./types.ts";

/** A complete file on the disk that is not in the library yet. */
export interface Received {
  temp: string;
  id: string;
  /** SHA-1 of the whole, hex. */
  checksum: string;
  size: number;
  /** See {@link FileState}. */
  modified: number;
}

/** Holds uploads until they are checked, in the library's folder, so that a rename adds them. */
export interface Incoming {
  /**
   * Streams a file to the disk and passes it to `use`. A file that `use` did not place in the library is removed.
   * @throws HitagiError LIBRARY_MISSING, PAYLOAD_TOO_LARGE, ARCHIVE_CHECKSUM, DISK_FULL, or what the stream and `use` throw
   */
  receive<T>(upload: Upload, use: (received: Received) => Promise<T>): Promise<T>;
  /**
   * Moves a received file into the library's top folder, durably.
   * @returns the first free name of `a.zip`, `a (2).zip`…
   */
  place(received: Received, name: string): Promise<string>;
  /** Removes the files of processes that died. */
  clean(): Promise<void>;
}

/** Hidden, so that the library's scan skips it. */
const INCOMING = ".incoming";
/**
 * Milliseconds without a write after which a file counts as left by a process that died. Several servers may share the
 * folder, and uploads that stall end long before.
 */
const LEFT_MS = 3_600_000;

/** @param isOwn whether the folder is this server's own, which it makes; else it is the owner's, and its disk may not be mounted */
export const createIncoming = (library: string, maxBytes: number, isOwn = false): Incoming => {
  const folder = path.join(library, INCOMING);
  return {
    async receive(upload, use) {
      const { stream } = upload;
      const temp = path.join(folder, randomUUID());
      // An upload may fail before the pipeline exists.
      surviveErrors(stream);
      if (!isOwn && !(await exists(library))) throw new HitagiError("LIBRARY_MISSING");
      await openFolder(folder);
      try {
        const written = await writeHashed(stream, temp, maxBytes);
        const expected = upload.checksum?.toLowerCase() ?? written.checksum;
        if (expected !== written.checksum) throw new HitagiError("ARCHIVE_CHECKSUM", { expected });
        return await use({ temp, ...written, ...stateOf(await lstat(temp)) });
      } catch (error) {
        throw diskFullOr(error);
      } finally {
        await rm(temp, { force: true });
      }
    },
    async place(received, wanted) {
      const name = await claimName(library, wanted);
      await rename(received.temp, path.join(library, name));
      await syncFolder(library);
      return name;
    },
    async clean() {
      // Not those of another folder that a link leads to.
      const isOurs = (await unlessMissing(lstat(folder)))?.isDirectory();
      const names = isOurs ? await readdir(folder) : [];
      for (const name of names) await removeLeft(path.join(folder, name));
    },
  };
};

/** Makes the folder. Through a link in its place, its maker could read or change a file between the check and the move. */
const openFolder = async (folder: string): Promise<void> => {
  const found = await unlessMissing(lstat(folder));
  if (found === undefined) {
    await makeFolder(folder).catch((error: unknown) => {
      throw diskFullOr(error);
    });
  }
  if ((found ?? (await lstat(folder))).isDirectory()) return;
  throw new HitagiError("LIBRARY_INCOMING_TAKEN", { folder: INCOMING });
};

const writeHashed = async (stream: Readable, temp: string, maxBytes: number) => {
  const hasher = createArchiveHasher();
  let size = 0;
  const count = async function* (chunks: AsyncIterable<Buffer | string>) {
    for await (const chunk of chunks) {
      const bytes = Buffer.from(chunk as Buffer);
      size += bytes.length;
      if (size > maxBytes) throw new HitagiError("PAYLOAD_TOO_LARGE", { limit: maxBytes });
      hasher.update(bytes);
      yield bytes;
    }
  };
  await pipeline(stream, count, createWriteStream(temp, { flags: "wx", flush: true }));
  return { id: hasher.id(), checksum: hasher.checksum() };
};

/** Claims a name by an exclusive create, which works on every file system; the rename then replaces the file. */
const claimName = async (folder: string, wanted: string): Promise<string> => {
  for (let n = 1; ; n++) {
    const name = numberedName(wanted, n);
    try {
      await (await open(path.join(folder, name), "wx")).close();
      return name;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
};

/** Another server may remove it at the same time, or its upload may end. */
const removeLeft = async (file: string): Promise<void> => {
  const found = await lstat(file).catch(() => undefined);
  if (found && Date.now() - found.mtimeMs > LEFT_MS) await rm(file, { force: true });
};
