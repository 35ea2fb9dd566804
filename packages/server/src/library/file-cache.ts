import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { link, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HitagiError } from "@hitagi/contract";
import { LRUCache } from "lru-cache";
import { createByteLimit } from "../async/byte-limit.ts";
import { diskFullOr } from "../disk/errors.ts";
import { makeFolder } from "../disk/folders.ts";

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
  /** The cached file of that name, marked as used; undefined if there is none. */
  find(name: string): Promise<string | undefined>;
  /** The names of the cached files. */
  names(): Promise<string[]>;
  /** Caches a link to a file on the same disk, if it fits. */
  keep(name: string, file: string): Promise<void>;
  /** Removes the files whose names begin with the prefix. */
  drop(prefix: string): Promise<void>;
}

const PART = ".part";
const MEGABYTE = 1024 * 1024;

/** The names in a folder with their sizes, least recently used first. */
const filesIn = async (folder: string): Promise<{ name: string; size: number }[]> => {
  const names = await readdir(folder).catch(() => []);
  const found = names.map(async (name) => {
    const { size, mtimeMs } = await stat(path.join(folder, name));
    return { name, size, used: mtimeMs };
  });
  return (await Promise.all(found)).sort((a, b) => a.used - b.used);
};

/**
 * @param folder made if it is missing; holds nothing else
 * @param maxBytes of all files together; the least recently used are evicted first
 */
export const createFileCache = (folder: string, maxBytes: number): FileCache => {
  const fetching = new Map<string, Promise<string>>();
  const remove = (name: string) => rm(path.join(folder, name), { force: true });
  const removals: Promise<void>[] = [];
  /** The sizes of the files. Open files and links to them stay readable after their eviction. */
  const sizes = new LRUCache<string, number>({
    maxSize: maxBytes,
    sizeCalculation: (size) => Math.max(1, size),
    dispose: (_size, name, reason) => {
      if (reason !== "set") removals.push(remove(name));
    },
  });
  const removed = (): Promise<unknown> => Promise.all(removals.splice(0));

  /** Takes over the complete files of an earlier process, and removes incomplete ones. */
  const takeOver = async (): Promise<void> => {
    await makeFolder(folder, 0o700);
    for (const { name, size } of await filesIn(folder)) {
      if (name.endsWith(PART)) await remove(name);
      else sizes.set(name, size);
    }
    await removed();
  };
  let takenOver: Promise<void> | undefined;
  const ready = (): Promise<void> => {
    takenOver ??= takeOver();
    return takenOver;
  };

  const place = async (name: string, part: string): Promise<string> => {
    const { size } = await stat(part);
    const file = path.join(folder, name);
    await rename(part, file);
    sizes.set(name, size);
    await removed();
    return file;
  };

  const tooLarge = () => new HitagiError("LIBRARY_FILE_TOO_LARGE", { limit: maxBytes / MEGABYTE });

  const fetched = async (name: string, fetch: () => Promise<Fetching>): Promise<string> => {
    const part = path.join(folder, `${randomUUID()}${PART}`);
    try {
      const { body, length = 0 } = await fetch();
      if (length > maxBytes) body.destroy(tooLarge());
      const { pass } = createByteLimit(maxBytes, tooLarge);
      await pipeline(body, pass, createWriteStream(part, { flags: "wx", mode: 0o600 }));
      return await place(name, part);
    } catch (error) {
      await rm(part, { force: true });
      throw diskFullOr(error);
    }
  };

  /** The cached file, marked as used last. */
  const found = async (name: string): Promise<string | undefined> => {
    await ready();
    if (sizes.get(name) === undefined) return undefined;
    const file = path.join(folder, name);
    const now = new Date();
    try {
      await utimes(file, now, now);
      return file;
    } catch {
      sizes.delete(name);
      await removed();
      return undefined;
    }
  };

  return {
    find: found,
    async names() {
      await ready();
      return [...sizes.keys()];
    },
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
      await ready();
      await link(file, part);
      await place(name, part);
    },
    async drop(prefix) {
      await ready();
      for (const name of [...sizes.keys()]) if (name.startsWith(prefix)) sizes.delete(name);
      await removed();
    },
  };
};
