import path from "node:path";
import { readCachedIndex } from "../catalog/index-check.ts";
import type { Config } from "../config/config.ts";
import { readAuthorities } from "../config/network.ts";
import { libraryFolder } from "../library/place.ts";
import { storeFile } from "../store/store.ts";
import { remoteStore } from "../store-copy/remote.ts";
import { type Part, type ServerFolders, STORE_NAME } from "./types.ts";

/** Prefix of the names that the server uses itself: locks, and backups and restores in progress. */
const OWN = ".hitagi";

/** Work folders, in the folder of each part. */
export const WORK_FOLDERS = {
  /** Snapshots for backups. */
  snapshots: `${OWN}-backup`,
  /** Unpacked backups to restore. */
  restore: `${OWN}-restore`,
  /** The previous states that restores replaced. */
  previous: `${OWN}-set-aside`,
  /** In the data folder: the restore that the next start carries out. */
  waiting: `${OWN}-waiting-restore`,
} as const;

/** The folders of a server with this configuration. */
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

/**
 * The folder of a part's files. For a store that is no file, the folder where its copies are written.
 * Undefined for a library that is no folder.
 */
export const folderOf = (folders: ServerFolders, part: Part): string | undefined => {
  if (part !== "store") return folders[part];
  return folders.storeFile === undefined ? folders.data : path.dirname(folders.storeFile);
};

/** A path below the folder of a part. The part must have a folder. */
export const pathIn = (folders: ServerFolders, part: Part, ...names: string[]): string =>
  path.join(folderOf(folders, part) ?? "", ...names);

/** Whether a name is the store's file or one beside it: its log, its catalog, its lock. */
const isStoreName = ({ storeFile }: ServerFolders, name: string): boolean =>
  storeFile !== undefined && name.startsWith(path.basename(storeFile));

/** Whether a name is the lock of the store's file. */
const isStoreLock = ({ storeFile }: ServerFolders, name: string): boolean =>
  storeFile !== undefined && name.startsWith(`${path.basename(storeFile)}.lock`);

/** Whether a name in the folder of a part belongs to the part. A data folder may hold the other parts too. */
export const belongsToPart = (folders: ServerFolders, part: Part, name: string): boolean => {
  if (name.startsWith(OWN)) return false;
  if (part === "store") return isStoreName(folders, name) && !isStoreLock(folders, name);
  if (part !== "data") return !name.startsWith(".");
  // The folder of another part.
  if ([folders.plugins, folders.library].includes(path.join(folders.data, name))) return false;
  // The file of a store that was copied to a server is obsolete.
  if (folders.storeFile === undefined) return !name.startsWith(STORE_NAME);
  const withStore = path.dirname(folders.storeFile) === folders.data;
  return !(withStore && isStoreName(folders, name));
};
