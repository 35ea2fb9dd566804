import path from "node:path";
import { readCachedIndex } from "../catalog/read-cached.ts";
import type { Config } from "../config/config.ts";
import { readAuthorities } from "../config/network.ts";
import { libraryFolder } from "../library/place.ts";
import { storeFile } from "../store/store.ts";
import { remoteStore } from "../store-copy/remote.ts";
import { type Part, type Places, STORE_NAME } from "./types.ts";

/** Every name that begins so belongs to this server's housekeeping: locks, backups and restores under way. */
const OWN = ".hitagi";

/** In the folder of each part: what a backup gathers, what a restore brings, and what it set aside. */
export const WORK = {
  backup: `${OWN}-backup`,
  restore: `${OWN}-restore`,
  aside: `${OWN}-set-aside`,
} as const;

/** Names of the data folder that nobody misses: caches, and what is under way. */
const PASSING = new Set(["git", "journal", "library-cache", "perl", "staging", "logs"]);

/** What a server of this configuration keeps, and where. */
export const placesOf = (
  config: Pick<Config, "data" | "plugins" | "library" | "store"> & Partial<Pick<Config, "caFile">>,
): Places => {
  const { data, plugins } = config;
  const store = storeFile(config.store);
  const library = libraryFolder(config);
  if (store !== undefined) return { data, plugins, library, store: path.resolve(store) };
  return {
    data,
    plugins,
    library,
    store,
    remote: remoteStore(config, readCachedIndex, readAuthorities(config)),
  };
};

/** The folder that a part's files are in, or pass through on the way into a store that is no file; undefined for a library that is no folder. */
export const folderOf = (places: Places, part: Part): string | undefined =>
  part === "store" ? (places.store === undefined ? places.data : path.dirname(places.store)) : places[part];

/** Names of the store beside each other: its file, its log and what it keeps in files; not the lock of whoever has it open. */
const isStoreName = (places: Places, name: string): boolean => {
  const base = path.basename(places.store ?? "");
  return base !== "" && name.startsWith(base) && !name.startsWith(`${base}.lock`);
};

const isLockOf = (places: Places, name: string): boolean =>
  places.store !== undefined && name.startsWith(`${path.basename(places.store)}.lock`);

const isIn = (places: Places, part: Part, name: string): boolean => {
  const folder = folderOf(places, part);
  return folder !== undefined && path.join(places.data, name) === folder;
};

const isOtherPart = (places: Places, name: string): boolean =>
  isIn(places, "plugins", name) || isIn(places, "library", name);

/** Whether a name in the folder of a part belongs to that part: a data folder may hold the other parts, and locks. */
export const belongs = (places: Places, part: Part, name: string): boolean => {
  if (name.startsWith(OWN)) return false;
  if (part === "store") return isStoreName(places, name);
  if (part !== "data") return !name.startsWith(".");
  // The file of a store that was moved from here says nothing any more.
  if (places.store === undefined) return !name.startsWith(STORE_NAME) && !isOtherPart(places, name);
  const withStore = path.dirname(places.store) === places.data;
  if (withStore && (isStoreName(places, name) || isLockOf(places, name))) return false;
  return !isOtherPart(places, name);
};

/** Whether a name of the data folder is worth keeping. */
export const isKept = (name: string): boolean => !PASSING.has(name);
