import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HitagiError } from "@hitagi/contract";
import { codeOf, isMissing } from "../disk/errno.ts";
import { diskFullOr } from "../disk/errors.ts";
import { makeFolder, syncFolder } from "../disk/folders.ts";
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
  /** Removes what processes that died left behind. */
  clean(): Promise<void>;
}

/** The folder of files that are still arriving; hidden, so that the library's scan passes it by. */
const INCOMING = ".incoming";
/**
 * Milliseconds after which a file that nobody has written to was left by a process that died. The folder may be that of
 * several servers, none of which knows what the others receive; an upload that stands still for longer is ended long before.
 */
const LEFT_MS = 3_600_000;

export const createIncoming = (library: string, maxBytes: number): Incoming => {
  const folder = path.join(library, INCOMING);
  return {
    async receive(stream, use) {
      const temp = path.join(folder, randomUUID());
      // The pipeline reports it; before there is one, an upload that breaks off would end the process.
      stream.on("error", () => {});
      try {
        await makeFolder(folder);
        return await use({ temp, ...(await writeHashed(stream, temp, maxBytes)) });
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
      for (const name of await readdir(folder).catch(emptyIfMissing))
        await removeLeft(path.join(folder, name));
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
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
};

/** Another server may remove it at the same time, or its upload may end. */
const removeLeft = async (file: string): Promise<void> => {
  const found = await stat(file).catch(() => undefined);
  if (found && Date.now() - found.mtimeMs > LEFT_MS) await rm(file, { force: true });
};

const emptyIfMissing = (error: unknown): string[] => {
  if (isMissing(error)) return [];
  throw error;
};
