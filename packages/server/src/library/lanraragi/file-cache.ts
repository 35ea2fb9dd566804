import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { link, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HitagiError } from "@hitagi/contract";
import { diskFullOr } from "../../disk/errors.ts";
import { makeFolder } from "../../disk/folders.ts";

/** A file to be fetched. */
export interface Fetching {
  body: Readable;
  /** Bytes that the server announced. */
  length: number | undefined;
}

/** Files of the library that are kept on this machine for a while, each under a name that stands for its content. */
export interface FileCache {
  /**
   * The file of that name, fetched where it is not here. Whoever asks for it meanwhile waits for the same fetch.
   * @throws HitagiError LIBRARY_FILE_TOO_LARGE, DISK_FULL, what `fetch` throws
   */
  file(name: string, fetch: () => Promise<Fetching>): Promise<string>;
  /** Keeps a file of the same disk under a name, where it fits; the file itself stays where it is. */
  keep(name: string, file: string): Promise<void>;
  /** Forgets the files whose names begin so. */
  drop(prefix: string): Promise<void>;
}

interface Held {
  name: string;
  size: number;
  used: number;
}

const PART = ".part";
const MEGABYTE = 1024 * 1024;

const heldIn = async (folder: string): Promise<Held[]> => {
  const names = await readdir(folder).catch(() => []);
  const held = names.map(async (name) => {
    const { size, mtimeMs } = await stat(path.join(folder, name));
    return { name, size, used: mtimeMs };
  });
  return (await Promise.all(held)).sort((a, b) => a.used - b.used);
};

/** Passes chunks on until there are more than so many bytes. */
const bounded = (maxBytes: number) =>
  async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new HitagiError("LIBRARY_FILE_TOO_LARGE", { limit: maxBytes / MEGABYTE });
      yield chunk;
    }
  };

/**
 * @param folder made where it is missing; nothing else is kept in it
 * @param maxBytes of all files together; those that were used longest ago go first
 */
export const createFileCache = (folder: string, maxBytes: number): FileCache => {
  const fetching = new Map<string, Promise<string>>();
  /** Oldest use first, as a Map keeps its order; undefined until the folder was read. */
  let known: Promise<Map<string, number>> | undefined;

  /** What a process before left: whole files are taken over, halves are removed. */
  const takeOver = async (): Promise<Map<string, number>> => {
    await makeFolder(folder, 0o700);
    const held = await heldIn(folder);
    const halves = held.filter(({ name }) => name.endsWith(PART));
    await Promise.all(halves.map(({ name }) => rm(path.join(folder, name), { force: true })));
    return new Map(held.filter((h) => !halves.includes(h)).map(({ name, size }) => [name, size]));
  };
  const sizes = (): Promise<Map<string, number>> => {
    known ??= takeOver();
    return known;
  };

  /** Makes room for so many bytes. Who has a file open, or a link to it, keeps it. */
  const makeRoom = async (bytes: number): Promise<void> => {
    const held = await sizes();
    let total = [...held.values()].reduce((sum, size) => sum + size, bytes);
    for (const [name, size] of held) {
      if (total <= maxBytes) return;
      held.delete(name);
      total -= size;
      await rm(path.join(folder, name), { force: true });
    }
  };

  const place = async (name: string, part: string): Promise<string> => {
    const { size } = await stat(part);
    await makeRoom(size);
    const file = path.join(folder, name);
    await rename(part, file);
    (await sizes()).set(name, size);
    return file;
  };

  const fetched = async (name: string, fetch: () => Promise<Fetching>): Promise<string> => {
    const part = path.join(folder, `${randomUUID()}${PART}`);
    try {
      const { body, length = 0 } = await fetch();
      // Whoever sends more than fits is not waited for.
      const limit = { limit: maxBytes / MEGABYTE };
      if (length > maxBytes) body.destroy(new HitagiError("LIBRARY_FILE_TOO_LARGE", limit));
      await pipeline(body, bounded(maxBytes), createWriteStream(part, { flags: "wx", mode: 0o600 }));
      return await place(name, part);
    } catch (error) {
      await rm(part, { force: true });
      throw diskFullOr(error);
    }
  };

  /** The file, if it is here, as the one that was used last. */
  const found = async (name: string): Promise<string | undefined> => {
    const held = await sizes();
    const size = held.get(name);
    if (size === undefined) return undefined;
    const file = path.join(folder, name);
    const now = new Date();
    const there = await utimes(file, now, now).then(
      () => true,
      () => false,
    );
    held.delete(name);
    if (there) held.set(name, size);
    return there ? file : undefined;
  };

  return {
    async file(name, fetch) {
      const there = await found(name);
      if (there !== undefined) return there;
      const under = fetching.get(name);
      if (under !== undefined) return under;
      const fresh = fetched(name, fetch).finally(() => fetching.delete(name));
      fetching.set(name, fresh);
      return fresh;
    },
    async keep(name, file) {
      if ((await stat(file)).size > maxBytes) return;
      const part = path.join(folder, `${randomUUID()}${PART}`);
      await sizes();
      await link(file, part);
      await place(name, part);
    },
    async drop(prefix) {
      const held = await sizes();
      for (const name of [...held.keys()].filter((n) => n.startsWith(prefix))) {
        held.delete(name);
        await rm(path.join(folder, name), { force: true });
      }
    },
  };
};
