import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, readdir, rename, rm, unlink } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HitagiError } from "@hitagi/contract";
import { makeFolder } from "../store/make-folder.ts";
import { createArchiveHasher } from "./archive-id.ts";
import { numberedName } from "./filename.ts";

/** A file that has arrived and is on the disk, but not yet in the library. */
export interface Received {
  temp: string;
  id: string;
  /** SHA-1 of the whole, hex. */
  checksum: string;
  size: number;
}

/** Where uploads wait until they are known to be good: in the library's folder, so that a rename brings them in. */
export interface Incoming {
  /**
   * Streams a file to the disk and hands it to `use`; whatever `use` did not place in the library is removed.
   * @throws HitagiError PAYLOAD_TOO_LARGE, DISK_FULL, or what the stream and `use` throw
   */
  receive<T>(stream: Readable, use: (received: Received) => Promise<T>): Promise<T>;
  /**
   * Moves a received file into the library's top folder, under the first free one of `a.zip`, `a (2).zip`…
   * Answers the name, durable when this resolves.
   */
  place(received: Received, name: string): Promise<string>;
  /** Removes what a process that died left behind. */
  clean(): Promise<void>;
}

/** The folder of files that are still arriving; hidden, so that the library's scan passes it by. */
const INCOMING = ".incoming";

export const createIncoming = (library: string, maxBytes: number): Incoming => {
  const folder = path.join(library, INCOMING);
  const active = new Set<string>();
  return {
    async receive(stream, use) {
      const name = randomUUID();
      const temp = path.join(folder, name);
      active.add(name);
      // The pipeline reports it; before there is one, an upload that breaks off would end the process.
      stream.on("error", () => {});
      try {
        await makeFolder(folder);
        return await use({ temp, ...(await writeHashed(stream, temp, maxBytes)) });
      } catch (error) {
        throw asDiskFull(error);
      } finally {
        await rm(temp, { force: true });
        active.delete(name);
      }
    },
    async place(received, wanted) {
      const name = await claimName(library, wanted);
      await rename(received.temp, path.join(library, name));
      await syncFolder(library);
      return name;
    },
    async clean() {
      const left = await readdir(folder).catch(noFolder);
      for (const name of left.filter((n) => !active.has(n))) await unlink(path.join(folder, name));
    },
  };
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
  return { id: hasher.id(), checksum: hasher.checksum(), size };
};

/** An exclusive create is the one way to claim a name that holds on every file system; the rename then replaces it. */
const claimName = async (folder: string, wanted: string): Promise<string> => {
  for (let n = 1; ; n++) {
    const name = numberedName(wanted, n);
    try {
      await (await open(path.join(folder, name), "wx")).close();
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
};

/** Makes a rename in the folder durable. Windows has no such thing and needs none. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
};

const noFolder = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === "ENOENT") return [];
  throw error;
};

const asDiskFull = (error: unknown): unknown => {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT" ? new HitagiError("DISK_FULL", {}, { cause: error }) : error;
};
