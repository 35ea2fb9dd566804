import { realpath } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import type { Config } from "../config.ts";
import { libraryFolder } from "../library/place.ts";
import { type FileLock, realLockFile, takeLock } from "./folder-lock.ts";
import { storeFile } from "./store.ts";
import { storeError } from "./store-error.ts";

/** The hold on every place that a server keeps its things in. */
export interface Claim {
  /** The setting of each place that nothing could be locked in, and why; other servers are not kept from it. */
  unclaimed: { setting: string; error: unknown }[];
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

export type Claimed = Pick<Config, "data" | "store" | "plugins" | "library">;

/** Hidden, so that the scans of the plugins folder and of the library pass it by. */
const LOCK = ".hitagi.lock";

/** The lock of a folder. Whoever asks who has it must not read it: closing it would end this process's own hold. */
export const lockOf = (folder: string): string => path.join(folder, LOCK);

/** What is remembered holds secrets; plugins and archives may be looked at by whom the owner likes. */
const [PRIVATE, SHARED] = [0o700, 0o777];

/** A database is one file by whatever link it is named, and its lock lies beside that. */
const storePlace = async (config: Claimed): Promise<Place[]> => {
  const file = storeFile(config);
  if (file === undefined) return [];
  const real = await realpath(file).catch(() => path.resolve(file));
  return [{ what: "store", flag: "--store", setting: "HITAGI_STORE", lock: `${real}.lock`, mode: PRIVATE }];
};

const placesOf = async (config: Claimed): Promise<Place[]> => {
  const { data, plugins } = config;
  const library = libraryFolder(config);
  return [
    { what: "data folder", flag: "--data", setting: "HITAGI_DATA", lock: lockOf(data), mode: PRIVATE },
    ...(await storePlace(config)),
    {
      what: "plugins folder",
      flag: "--plugins",
      setting: "HITAGI_PLUGINS",
      lock: lockOf(plugins),
      mode: SHARED,
    },
    ...(library === undefined
      ? []
      : [
          {
            what: "library folder",
            flag: "--library",
            setting: "HITAGI_LIBRARY",
            lock: lockOf(library),
            mode: SHARED,
            lax: true,
          },
        ]),
  ];
};

/** @throws HitagiError DATA_IN_USE, or what keeps the place from being locked */
const lockPlace = async ({ what, flag }: Place, file: string): Promise<FileLock> => {
  const taken = await takeLock(file);
  if ("release" in taken) return taken;
  throw new HitagiError("DATA_IN_USE", { what, flag, pid: taken.pid });
};

const claimAll = async (places: Place[], held: Map<string, FileLock>): Promise<Claim["unclaimed"]> => {
  const unclaimed: Claim["unclaimed"] = [];
  for (const place of places) {
    try {
      const file = await realLockFile(place.lock, place.mode);
      // Two places may be one folder.
      if (!held.has(file)) held.set(file, await lockPlace(place, file));
    } catch (error) {
      if (error instanceof HitagiError || !place.lax) throw storeError(error);
      unclaimed.push({ setting: place.setting, error });
    }
  }
  return unclaimed;
};

/**
 * Claims for this process, until it is released or the process ends, the data folder, the file of the store, the
 * plugins folder and the library's, each by its real path. Folders that are missing are made. The library may
 * be one that cannot be written: nobody can do it harm, so it is used without a claim.
 * @throws HitagiError DATA_IN_USE where another server has one of them, STORE_FAILED where it cannot be written,
 *   DISK_FULL
 */
export const claimPlaces = async (config: Claimed): Promise<Claim> => {
  const held = new Map<string, FileLock>();
  const release = async (): Promise<void> => {
    for (const lock of held.values()) lock.release();
  };
  try {
    return { unclaimed: await claimAll(await placesOf(config), held), release };
  } catch (e) {
    await release();
    throw storeError(e);
  }
};
