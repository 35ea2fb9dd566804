import path from "node:path";
import { readCachedIndex } from "../catalog/index-check.ts";
import type { Config } from "../config/config.ts";
import { readAuthorities } from "../config/network.ts";
import { libraryFolder } from "../library/place.ts";
import { storeFile } from "../store/store.ts";
import { remoteStore } from "../store-copy/remote.ts";
import { type Part, type ServerFolders, STORE_NAME } from "./types.ts";

/** Every name that begins so belongs to this server's housekeeping: locks, backups and restores under way. */
const OWN = ".hitagi";

/** In the folder of each part: what a backup gathers, what a restore brings, and what it set aside. */
export const WORK_FOLDERS = {
  backup: `${OWN}-backup`,
  restore: `${OWN}-restore`,
  aside: `${OWN}-set-aside`,
} as const;

/** Names of the data folder that nobody misses: caches, and what is under way. */
const PASSING = new Set(["git", "journal", "library-cache", "perl", "staging", "logs"]);

/** What a server of this configuration keeps, and where. */
export const serverFolders = (
  config: Pick<Config, "data" | "plugins" | "library" | "store"> & Partial<Pick<Config, "caFile">>,
): ServerFolders => {
  const { data, plugins } = config;
  const file = storeFile(config.store);
  const library = libraryFolder(config);
  if (file !== undefined) return { data, plugins, library, storeFile: path.resolve(file) };
  const remote = remoteStore(config, readCachedIndex, readAuthorities(config));
  return { data, plugins, library, storeFile: undefined, remote };
};

/** The folder that a part's files are in, or pass through on the way into a store that is no file; undefined for a library that is no folder. */
export const folderOf = (folders: ServerFolders, part: Part): string | undefined =>
  part === "store"
    ? folders.storeFile === undefined
      ? folders.data
      : path.dirname(folders.storeFile)
    : folders[part];

/** Names of the store beside each other: its file, its log and what it keeps in files; not the lock of whoever has it open. */
const isStoreName = (folders: ServerFolders, name: string): boolean => {
  const base = path.basename(folders.storeFile ?? "");
  return base !== "" && name.startsWith(base) && !name.startsWith(`${base}.lock`);
};

const isLockOf = (folders: ServerFolders, name: string): boolean =>
  folders.storeFile !== undefined && name.startsWith(`${path.basename(folders.storeFile)}.lock`);

const isIn = (folders: ServerFolders, part: Part, name: string): boolean => {
  const folder = folderOf(folders, part);
  return folder !== undefined && path.join(folders.data, name) === folder;
};

const isOtherPart = (folders: ServerFolders, name: string): boolean =>
  isIn(folders, "plugins", name) || isIn(folders, "library", name);

/** Whether a name in the folder of a part belongs to that part: a data folder may hold the other parts, and locks. */
export const belongsToPart = (folders: ServerFolders, part: Part, name: string): boolean => {
  if (name.startsWith(OWN)) return false;
  if (part === "store") return isStoreName(folders, name);
  if (part !== "data") return !name.startsWith(".");
  // The file of a store that was moved from here says nothing any more.
  if (folders.storeFile === undefined) return !name.startsWith(STORE_NAME) && !isOtherPart(folders, name);
  const withStore = path.dirname(folders.storeFile) === folders.data;
  if (withStore && (isStoreName(folders, name) || isLockOf(folders, name))) return false;
  return !isOtherPart(folders, name);
};

/** Whether a name of the data folder is worth keeping. */
export const isKept = (name: string): boolean => !PASSING.has(name);
