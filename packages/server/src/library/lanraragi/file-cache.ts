import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { link, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HitagiError } from "@hitagi/contract";
import { diskFullOr } from "../../disk/errors.ts";
import { makeFolder } from "../../disk/folders.ts";

export interface Fetching {
  body: Readable;
  /** The announced size in bytes. */
  length: number | undefined;
}

/** A cache of the library's files on this machine, each under a name that identifies its content. */
export interface FileCache {
  /**
   * The file of that name, fetched if it is not cached. Concurrent callers share one fetch.
   * @throws HitagiError LIBRARY_FILE_TOO_LARGE, DISK_FULL, what `fetch` throws
   */
  file(name: string, fetch: () => Promise<Fetching>): Promise<string>;
  /** Caches a link to a file on the same disk, if it fits. */
  keep(name: string, file: string): Promise<void>;
  /** Removes the files whose names begin with the prefix. */
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

/** Passes chunks on. @throws HitagiError LIBRARY_FILE_TOO_LARGE */
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
 * @param folder made if it is missing; holds nothing else
 * @param maxBytes of all files together; the least recently used are evicted first
 */
export const createFileCache = (folder: string, maxBytes: number): FileCache => {
  const fetching = new Map<string, Promise<string>>();
  /** The sizes, least recently used first; undefined until the folder was read. */
  let known: Promise<Map<string, number>> | undefined;

  /** Takes over the complete files of an earlier process, and removes incomplete ones. */
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

  /** Evicts files until so many bytes fit. Open files and links to them stay readable. */
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
      const limit = { limit: maxBytes / MEGABYTE };
      if (length > maxBytes) body.destroy(new HitagiError("LIBRARY_FILE_TOO_LARGE", limit));
      await pipeline(body, bounded(maxBytes), createWriteStream(part, { flags: "wx", mode: 0o600 }));
      return await place(name, part);
    } catch (error) {
      await rm(part, { force: true });
      throw diskFullOr(error);
    }
  };

  /** The cached file, marked as used last. */
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
