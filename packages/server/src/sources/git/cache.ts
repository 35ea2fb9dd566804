import { randomUUID } from "node:crypto";
import { lstat, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import { createKeyedMutex } from "../../async/keyed-mutex.ts";
import { repeat } from "../../async/repeat.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { makeFolder } from "../../disk/folders.ts";
import { sha256Of } from "../../disk/sha256.ts";
import { type CachedRepository, makeGitDir } from "./git-dir.ts";

/** The most packs of a cache before it is made again. Each changed commit adds some, and git removes none. */
const MAX_PACKS = 60;

const nameOf = (url: string): string => sha256Of(url).slice(0, 32);

const namesIn = async (folder: string): Promise<string[]> => (await unlessMissing(readdir(folder))) ?? [];

/** The size of a file in bytes; 0 where git has just renamed it. */
const bytesOf = async (file: string): Promise<number> => (await unlessMissing(stat(file)))?.size ?? 0;

const packsOf = ({ objects }: CachedRepository): string => path.join(objects, "pack");
const drop = (place: string): Promise<void> => rm(place, { recursive: true, force: true });

const forget = async (repository: CachedRepository): Promise<void> => {
  repository.commits.clear();
  repository.blobs.clear();
  repository.shallow = "";
  await drop(repository.objects);
};

/**
 * The caches of git. Only objects stay from read to read, and none from an earlier start, for example out of a backup: see
 * {@link makeGitDir}.
 * @param folder in the data folder, created at first use
 */
export const createGitCache = (folder: string) => {
  const [repositories, work, knownHosts] = ["repositories", "work", "known_hosts"].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  const mutex = createKeyedMutex();
  const cached = new Map<string, CachedRepository>();

  const makeAnew = async (): Promise<void> => {
    await Promise.all([repositories, work].map(drop));
    const hosts = await unlessMissing(lstat(knownHosts));
    if (hosts && !hosts.isFile()) await drop(knownHosts);
  };
  let made: Promise<void> | undefined;
  const ready = async (): Promise<void> => {
    made ??= makeAnew();
    await made.catch((error: unknown) => {
      made = undefined;
      throw error;
    });
  };

  const prepare = async (name: string): Promise<CachedRepository> => {
    const objects = path.join(repositories, name);
    const repository = cached.get(name) ?? {
      objects,
      commits: new Set(),
      blobs: new Set(),
      shallow: "",
      isWhole: false,
    };
    cached.set(name, repository);
    const packs = (await namesIn(packsOf(repository))).filter((file) => file.endsWith(".pack"));
    if (packs.length === 0 || packs.length > MAX_PACKS) await forget(repository);
    await makeFolder(objects, 0o700);
    // It may name other folders of objects.
    await drop(path.join(objects, "info"));
    return repository;
  };

  return {
    knownHosts,
    /** Runs work on the repository of an address, with a folder of git that is made for it; work on one repository runs in turn. */
    within: <T>(
      url: string,
      run: (gitDir: string, repository: CachedRepository) => Promise<T>,
    ): Promise<T> => {
      const name = nameOf(url);
      return mutex.run(name, async () => {
        await ready();
        const repository = await prepare(name);
        const gitDir = path.join(work, randomUUID());
        try {
          await makeGitDir(gitDir, repository);
          return await run(gitDir, repository);
        } finally {
          await drop(gitDir);
        }
      });
    },
    /** The size of the packs in bytes. */
    size: async (repository: CachedRepository): Promise<number> => {
      const packs = packsOf(repository);
      const sizes = await Promise.all((await namesIn(packs)).map((file) => bytesOf(path.join(packs, file))));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    forget,
    /** Empties a repository, which is fetched with all its files from now on. */
    makeWhole: async (gitDir: string, repository: CachedRepository): Promise<void> => {
      await forget(repository);
      await makeFolder(repository.objects, 0o700);
      repository.isWhole = true;
      await makeGitDir(gitDir, repository);
    },
  };
};
type GitCache = ReturnType<typeof createGitCache>;

const CHECK_MS = 250;

/** Aborts work that fills a cache over its limit, and removes the cache. @throws HitagiError SOURCE_TOO_LARGE */
export const withSizeLimit = async <T>(
  cache: GitCache,
  repository: CachedRepository,
  limit: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController();
  const checkSize = async () => {
    if ((await cache.size(repository)) <= limit) return;
    controller.abort(new HitagiError("SOURCE_TOO_LARGE", { path: "The repository", limit }));
  };
  const stop = repeat(checkSize, { everyMs: CHECK_MS, onError: (error) => controller.abort(error) });
  try {
    const result = await work(AbortSignal.any([signal, controller.signal]));
    await checkSize();
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    if (isHitagiError(controller.signal.reason, "SOURCE_TOO_LARGE")) await cache.forget(repository);
    throw error;
  } finally {
    await stop();
  }
};
