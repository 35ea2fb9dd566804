import { existsSync } from "node:fs";
import { rm, statfs } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { foreignSchema } from "../store/store.ts";
import type { Store } from "../store/types.ts";
import { folderOf, pathIn, WORK_FOLDERS } from "./server-folders.ts";
import type { OnStep } from "./swap.ts";
import { parts as allParts, type Part, type ServerFolders, STORE_NAME } from "./types.ts";
import type { OnFile } from "./unpack.ts";

export interface RestoreDeps {
  /** Locked by this process, so that no server uses them. */
  folders: ServerFolders;
  openCopy(file: string): Promise<Store>;
  onStep?: OnStep;
}

const invalid = (reason: string) => new HitagiError("BACKUP_INVALID", { reason });

/**
 * The path to unpack a file of a backup to: in the folder of its part, so that a rename puts it in place.
 * @throws HitagiError BACKUP_INVALID for a part that this server does not have
 */
export const unpackedPath = (folders: ServerFolders, inBackup: string): string => {
  const [part = "", ...rest] = inBackup.split("/");
  if (folderOf(folders, part as Part) === undefined) {
    if (part !== "library") throw invalid(`it holds ${part}`);
    throw invalid("it holds archives, and the library of this server is on another one");
  }
  const below = rest.join("/");
  const unpacked = (name: string) => pathIn(folders, part as Part, WORK_FOLDERS.restore, part, name);
  if (part !== "store") return unpacked(below);
  const name = path.basename(folders.storeFile ?? STORE_NAME);
  return unpacked(`${name}${below.slice(STORE_NAME.length)}`);
};

/**
 * Refuses a backup at the first file for which the disk of its part has no room, before its bytes are read.
 * @returns takes the files one after the other; throws HitagiError DISK_FULL
 */
export const createRoom = async (folders: ServerFolders): Promise<OnFile> => {
  const free = new Map<string, number>();
  for (const part of allParts) {
    const folder = folderOf(folders, part);
    if (folder === undefined) continue;
    const { bavail, bsize } = await statfs(folder);
    free.set(part, bavail * bsize);
  }
  return (name, size) => {
    const [part = ""] = name.split("/");
    const left = free.get(part);
    if (left === undefined) return;
    if (size > left) throw new HitagiError("DISK_FULL");
    free.set(part, left - size);
  };
};

/** Closes a copy of a store after the work, and removes what SQLite leaves beside it. */
export const withCopy = async <T>(
  { openCopy }: Pick<RestoreDeps, "openCopy">,
  file: string,
  work: (store: Store) => Promise<T>,
): Promise<T> => {
  const store = await openCopy(file);
  try {
    return await work(store);
  } finally {
    await store.close();
    for (const suffix of ["-wal", "-shm"]) await rm(`${file}${suffix}`, { force: true });
  }
};

/**
 * Checks the database that a backup holds.
 * @param file where it was unpacked to
 * @throws HitagiError BACKUP_INVALID where it is missing, damaged, or has more than Hitagi's own tables; STORE_NEWER
 */
export const checkStore = async (deps: Pick<RestoreDeps, "openCopy">, file: string): Promise<void> => {
  if (!existsSync(file)) throw invalid("it holds no database");
  // Before anything in it is run.
  const foreign = foreignSchema(file);
  if (foreign !== undefined) throw invalid(`its database has a ${foreign}, which Hitagi did not make`);
  const [fault] = await withCopy(deps, file, (store) => store.faults());
  if (fault !== undefined) throw invalid(`its database is damaged: ${fault}`);
};
