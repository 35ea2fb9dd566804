import { randomUUID } from "node:crypto";
import { lstat, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import { createKeyedMutex } from "../../async/keyed-mutex.ts";
import { repeat } from "../../async/repeat.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { makeFolder } from "../../disk/folders.ts";
import { sha256Of } from "../../disk/sha256.ts";

/** The most packs of a cache before it is made again. Each changed commit adds some, and git removes none. */
const MAX_PACKS = 60;

const nameOf = (url: string): string => sha256Of(url).slice(0, 32);

const namesIn = async (folder: string): Promise<string[]> => (await unlessMissing(readdir(folder))) ?? [];

/** The size of a file in bytes; 0 where git has just renamed it. */
const bytesOf = async (file: string): Promise<number> => (await unlessMissing(stat(file)))?.size ?? 0;

/**
 * The caches and files of git. They are made anew after each start, because git obeys the configuration of a repository:
 * a folder that was there before, for example from a backup, would choose the commands that git runs.
 * @param folder in the data folder, created at first use
 * @param authoritiesText the trusted certificates, where there are additional ones
 */
export const createGitCache = (folder: string, authoritiesText: string | undefined) => {
  const [repositories, keys, home, authorities, knownHosts] = [
    "repositories",
    "keys",
    "home",
    "authorities.pem",
    "known_hosts",
  ].map((name) => path.join(folder, name)) as [string, string, string, string, string];
  const mutex = createKeyedMutex();
  const packsOf = (place: string): string => path.join(place, "objects", "pack");
  const drop = (place: string): Promise<void> => rm(place, { recursive: true, force: true });

  const makeAnew = async (): Promise<void> => {
    await Promise.all([repositories, keys, home, authorities].map(drop));
    const hosts = await unlessMissing(lstat(knownHosts));
    if (hosts && !hosts.isFile()) await drop(knownHosts);
    await makeFolder(home, 0o700);
    await makeFolder(keys, 0o700);
    if (authoritiesText) await writeFile(authorities, authoritiesText);
  };
  let made: Promise<void> | undefined;
  const ready = async (): Promise<void> => {
    made ??= makeAnew();
    await made.catch((error: unknown) => {
      made = undefined;
      throw error;
    });
  };

  const prepare = async (place: string): Promise<void> => {
    const packs = (await namesIn(packsOf(place))).filter((file) => file.endsWith(".pack"));
    if (packs.length > MAX_PACKS) await drop(place);
    await makeFolder(place, 0o700);
  };

  return {
    /** The trusted certificates for git, where there are additional ones. */
    authorities,
    knownHosts,
    home,
    /** Runs work in the folder of an address; work on one folder runs in turn. */
    within: <T>(url: string, work: (folder: string) => Promise<T>): Promise<T> => {
      const name = nameOf(url);
      return mutex.run(name, async () => {
        const place = path.join(repositories, name);
        await ready();
        await prepare(place);
        return work(place);
      });
    },
    /** Runs work with a private key in a file of its own, which only this user may read. */
    withKey: async <T>(key: string, work: (file: string) => Promise<T>): Promise<T> => {
      const file = path.join(keys, randomUUID());
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
