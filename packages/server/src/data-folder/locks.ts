import { realpath } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import type { Config } from "../config/config.ts";
import { storeError } from "../disk/errors.ts";
import { type FileLock, realLockFile, takeLock, takeSharedLock } from "../disk/file-lock.ts";
import { libraryFolder } from "../library/place.ts";
import { storeFile } from "../store/store.ts";

/** The hold on every place that a server keeps its things in. */
export interface Claim {
  /** The setting of each place that nothing could be locked in, and why; other servers are not kept from it. */
  unclaimed: { setting: string; error: unknown }[];
  /**
   * Claims the library's folder, where {@link ClaimOptions} left it out, together with all servers on one store.
   * @param store what tells the store from all others
   * @returns what tells the folder from all others; undefined where there is none, or it cannot be locked
   * @throws HitagiError DATA_IN_USE, LIBRARY_OF_OTHERS
   */
  shareLibrary(store: string): Promise<string | undefined>;
  release(): Promise<void>;
}

/** A place that only one server may use. */
interface Place {
  what: string;
  flag: string;
  setting: string;
  lock: string;
  /** Of the folder, where it is made. */
  mode: number;
  /** Whether a place that cannot be locked, such as a folder that is read-only, is used all the same. */
  lax?: boolean;
}

export interface ClaimOptions {
  /** Whether to leave the library out, because it is shared once the store is open. */
  sharesLibrary?: boolean;
}

export type Claimed = Pick<Config, "data" | "store" | "plugins" | "library">;

/** Hidden, so that the scans of the plugins folder and of the library pass it by. */
const LOCK = ".hitagi.lock";

/** The lock of a folder. Whoever asks who has it must not read it: closing it would end this process's own hold. */
export const lockOf = (folder: string): string => path.join(folder, LOCK);

/** Whether a name is that of a folder's lock, or of what lies beside it. */
export const isLock = (name: string): boolean => name.startsWith(LOCK);

/** What is remembered holds secrets; plugins and archives may be looked at by whom the owner likes. */
const [PRIVATE, SHARED] = [0o700, 0o777];

/** A database is one file by whatever link it is named, and its lock lies beside that. */
const placeOfFile = async (file: string): Promise<Place> => {
  const real = await realpath(file).catch(() => path.resolve(file));
  return { what: "store", flag: "--store", setting: "HITAGI_STORE", lock: `${real}.lock`, mode: PRIVATE };
};

const storePlace = async (config: Claimed): Promise<Place[]> => {
  const file = storeFile(config.store);
  return file === undefined ? [] : [await placeOfFile(file)];
};

const dataPlace = (data: string): Place => ({
  what: "data folder",
  flag: "--data",
  setting: "HITAGI_DATA",
  lock: lockOf(data),
  mode: PRIVATE,
});

const ownPlaces = async (config: Claimed): Promise<Place[]> => {
  const { data, plugins } = config;
  return [
    dataPlace(data),
    ...(await storePlace(config)),
    {
      what: "plugins folder",
      flag: "--plugins",
      setting: "HITAGI_PLUGINS",
      lock: lockOf(plugins),
      mode: SHARED,
    },
  ];
};

const libraryPlaces = (config: Claimed): Place[] => {
  const library = libraryFolder(config);
  if (library === undefined) return [];
  const names = { what: "library folder", flag: "--library", setting: "HITAGI_LIBRARY" };
  return [{ ...names, lock: lockOf(library), mode: SHARED, lax: true }];
};

/** @throws HitagiError DATA_IN_USE, or what keeps the place from being locked */
const lockPlace = async ({ what, flag }: Place, file: string): Promise<FileLock> => {
  const taken = await takeLock(file);
  if ("release" in taken) return taken;
  throw new HitagiError("DATA_IN_USE", { what, flag, pid: taken.pid });
};

/** Takes a place together with the servers on one store. @throws the same, and HitagiError LIBRARY_OF_OTHERS */
const sharePlace =
  (store: string, onShared: (id: string) => void): typeof lockPlace =>
  async ({ what, flag }, file) => {
    const taken = await takeSharedLock(file, store);
    if (taken === "others") throw new HitagiError("LIBRARY_OF_OTHERS");
    if ("release" in taken) {
      onShared(taken.id);
      return taken;
    }
    throw new HitagiError("DATA_IN_USE", { what, flag, pid: taken.pid });
  };

const claimAll = async (
  places: Place[],
  { held, unclaimed }: { held: Map<string, FileLock>; unclaimed: Claim["unclaimed"] },
  take: typeof lockPlace,
): Promise<void> => {
  for (const place of places) {
    try {
      const file = await realLockFile(place.lock, place.mode);
      // Two places may be one folder.
      if (!held.has(file)) held.set(file, await take(place, file));
    } catch (error) {
      if (error instanceof HitagiError || !place.lax) throw storeError(error);
      unclaimed.push({ setting: place.setting, error });
    }
  }
};

/**
 * Claims for this process, until it is released or the process ends, the data folder, the file of the store, the
 * plugins folder and the library's, each by its real path. Folders that are missing are made. The library may
 * be one that cannot be written: nobody can do it harm, so it is used without a claim.
 * @throws HitagiError DATA_IN_USE where another server has one of them, STORE_FAILED where it cannot be written,
 *   DISK_FULL
 */
export const claimPlaces = async (
  config: Claimed,
  { sharesLibrary = false }: ClaimOptions = {},
): Promise<Claim> => {
  const claimed = { held: new Map<string, FileLock>(), unclaimed: [] as Claim["unclaimed"] };
  const release = async (): Promise<void> => {
    for (const lock of claimed.held.values()) lock.release();
  };
  try {
    const places = [...(await ownPlaces(config)), ...(sharesLibrary ? [] : libraryPlaces(config))];
    await claimAll(places, claimed, lockPlace);
  } catch (e) {
    await release();
    throw storeError(e);
  }
  const { unclaimed } = claimed;
  return {
    unclaimed,
    shareLibrary: async (store) => {
      let id: string | undefined;
      const share = sharePlace(store, (shared) => {
        id = shared;
      });
      await claimAll(libraryPlaces(config), claimed, share);
      return id;
    },
    release,
  };
};

/**
 * Claims the file of a store and the data folder that its artifacts are in. Answers what releases both.
 * @param data undefined where this process has it already
 * @throws HitagiError DATA_IN_USE where a server has one of them, STORE_FAILED
 */
export const claimStoreFile = async (
  file: string,
  data: string | undefined,
): Promise<() => Promise<void>> => {
  const held = new Map<string, FileLock>();
  const release = async (): Promise<void> => {
    for (const lock of held.values()) lock.release();
  };
  try {
    const places = [await placeOfFile(file), ...(data === undefined ? [] : [dataPlace(data)])];
    await claimAll(places, { held, unclaimed: [] }, lockPlace);
    return release;
  } catch (e) {
    await release();
    throw storeError(e);
  }
};
