import { randomUUID } from "node:crypto";
import { readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import { createKeyedMutex } from "../../async/keyed-mutex.ts";
import { repeat } from "../../async/repeat.ts";
import { isMissing } from "../../disk/errno.ts";
import { makeFolder } from "../../disk/folders.ts";
import { sha256Of } from "../../disk/sha256.ts";

/** The most packs of a cache before it is made again. Each changed commit adds some, and git removes none. */
const MAX_PACKS = 60;
/** Milliseconds before an unused cache is removed: a probe may be using it. */
const GRACE_MS = 10 * 60_000;

const nameOf = (url: string): string => sha256Of(url).slice(0, 32);

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });

/** The size of a file in bytes; 0 where git has just renamed it. */
const bytesOf = async (file: string): Promise<number> => {
  const found = await stat(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  return found?.size ?? 0;
};

/** The caches and files of git. @param folder in the data folder, created at first use */
export const createGitCache = (folder: string) => {
  const repositories = path.join(folder, "repositories");
  const keys = path.join(folder, "keys");
  const mutex = createKeyedMutex();
  const packsOf = (place: string): string => path.join(place, "objects", "pack");
  const drop = (place: string): Promise<void> => rm(place, { recursive: true, force: true });

  const prepare = async (place: string): Promise<void> => {
    const packs = (await namesIn(packsOf(place))).filter((file) => file.endsWith(".pack"));
    if (packs.length > MAX_PACKS) await drop(place);
    await makeFolder(place, 0o700);
    const now = new Date();
    await utimes(place, now, now);
  };

  const isIdle = async (name: string): Promise<boolean> => {
    if (mutex.isBusy(name)) return false;
    const { mtimeMs } = await stat(path.join(repositories, name));
    return Date.now() - mtimeMs > GRACE_MS;
  };

  return {
    /** The trusted certificates for git, where there are additional ones. */
    authorities: path.join(folder, "authorities.pem"),
    knownHosts: path.join(folder, "known_hosts"),
    home: path.join(folder, "home"),
    /** Runs work in the folder of an address; work on one folder runs in turn. */
    within: <T>(url: string, work: (folder: string) => Promise<T>): Promise<T> => {
      const name = nameOf(url);
      return mutex.run(name, async () => {
        const place = path.join(repositories, name);
        await prepare(place);
        return work(place);
      });
    },
    /** Runs work with a private key in a file of its own, which only this user may read. */
    withKey: async <T>(key: string, work: (file: string) => Promise<T>): Promise<T> => {
      const file = path.join(keys, randomUUID());
      await makeFolder(keys, 0o700);
      try {
        await writeFile(file, key.endsWith("\n") ? key : `${key}\n`, { mode: 0o600, flag: "wx" });
        return await work(file);
      } finally {
        await rm(file, { force: true });
      }
    },
    /** The size of a cache in bytes. */
    size: async (place: string): Promise<number> => {
      const files = await namesIn(packsOf(place));
      const sizes = await Promise.all(files.map((file) => bytesOf(path.join(packsOf(place), file))));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    drop,
    renew: async (place: string): Promise<void> => {
      await drop(place);
      await prepare(place);
    },
    /** Removes the caches of all other addresses, and key files that a crash left. */
    tidy: async (urls: readonly string[]): Promise<void> => {
      const used = new Set(urls.map(nameOf));
      for (const name of await namesIn(repositories)) {
        if (used.has(name) || !(await isIdle(name))) continue;
        await mutex.run(name, () => drop(path.join(repositories, name)));
      }
      const keyAge = async (name: string) => Date.now() - (await stat(path.join(keys, name))).mtimeMs;
      for (const name of await namesIn(keys)) {
        if ((await keyAge(name)) > GRACE_MS) await rm(path.join(keys, name), { force: true });
      }
    },
  };
};
type GitCache = ReturnType<typeof createGitCache>;

const CHECK_MS = 250;

/** Aborts work that fills a cache over its limit, and removes the cache. @throws HitagiError SOURCE_TOO_LARGE */
export const withSizeLimit = async <T>(
  cache: GitCache,
  folder: string,
  limit: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController();
  const checkSize = async () => {
    if ((await cache.size(folder)) <= limit) return;
    controller.abort(new HitagiError("SOURCE_TOO_LARGE", { path: "The repository", limit }));
  };
  const stop = repeat(checkSize, { everyMs: CHECK_MS, onError: (error) => controller.abort(error) });
  try {
    const result = await work(AbortSignal.any([signal, controller.signal]));
    await checkSize();
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    if (isHitagiError(error, "SOURCE_TOO_LARGE")) await cache.drop(folder);
    throw error;
  } finally {
    await stop();
  }
};
