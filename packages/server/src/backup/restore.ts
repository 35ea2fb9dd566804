import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { HitagiError } from "@hitagi/contract";
import { storeError } from "../disk/errors.ts";
import { makeFolder } from "../disk/folders.ts";
import { readApiKey } from "../keys/api-key-file.ts";
import type { Store } from "../store/types.ts";
import { giveTo } from "./owner.ts";
import { folderOf, WORK_FOLDERS } from "./server-folders.ts";
import {
  type At,
  currentNames,
  finishSwap,
  namesIn,
  previousStateFolder,
  refuseOtherStore,
  swapIn,
} from "./swap.ts";
import {
  parts as allParts,
  type BackupManifest,
  type Part,
  type ServerFolders,
  STORE_NAME,
} from "./types.ts";
import { type Receive, unpackBackup } from "./unpack.ts";

export interface RestoreDeps {
  /** Claimed by this process, so that no server is on them. */
  folders: ServerFolders;
  openCopy(file: string): Promise<Store>;
  at?: At;
}

export interface Restored {
  manifest: BackupManifest;
  /** What the folder of the things that were set aside is called; undefined where nothing stood there. */
  previousState: string | undefined;
  /** Whether the servers' own API key is another one than before. */
  otherKey: boolean;
}

/** Name of a restore, in the order of time. */
const newId = (): string => new Date().toISOString().replace(/[:.]/g, "-");

/** Why a part of a backup has no place on a server. */
const NO_PLACE: Record<string, string> = {
  library: "it holds archives, and the library of this server is on another one",
};

/** Where a file of the backup waits: in the folder of its part, so that bringing it in is a rename. */
const waiting = (folders: ServerFolders, inBackup: string): string => {
  const [part = "", ...rest] = inBackup.split("/");
  const folder = folderOf(folders, part as Part);
  if (folder === undefined)
    throw new HitagiError("BACKUP_INVALID", { reason: NO_PLACE[part] ?? `it holds ${part}` });
  const below = rest.join("/");
  const isStore = part === "store" && below.startsWith(STORE_NAME);
  if (part === "store" && !isStore)
    throw new HitagiError("BACKUP_INVALID", { reason: `it holds ${inBackup}` });
  const name = isStore
    ? `${path.basename(folders.storeFile ?? STORE_NAME)}${below.slice(STORE_NAME.length)}`
    : below;
  return path.join(folder, WORK_FOLDERS.restore, part, name);
};

/** Archives and plugins may be looked at by whom the owner likes; the rest holds secrets. */
const isPrivate = (inBackup: string): boolean => /^(?:data|store)\//.test(inBackup);

const writeTo =
  (folders: ServerFolders): Receive =>
  async (inBackup, content) => {
    const file = waiting(folders, inBackup);
    const secret = isPrivate(inBackup);
    await makeFolder(path.dirname(file), secret ? 0o700 : undefined);
    await writeFile(file, content, { flag: "wx", flush: true, mode: secret ? 0o600 : 0o644 });
  };

/** @throws HitagiError BACKUP_INVALID where the database in it is damaged, STORE_NEWER */
const checkStore = async ({ folders, openCopy }: RestoreDeps): Promise<void> => {
  const file = waiting(folders, `store/${STORE_NAME}`);
  if (!existsSync(file)) throw new HitagiError("BACKUP_INVALID", { reason: "it holds no database" });
  const store = await openCopy(file);
  const faults = await store.faults().finally(() => store.close());
  for (const side of ["-wal", "-shm"]) await rm(`${file}${side}`, { force: true });
  const [first] = faults;
  if (first !== undefined)
    throw new HitagiError("BACKUP_INVALID", { reason: `its database is damaged: ${first}` });
};

/** What stands of a part, by names. */
const stands = async (folders: ServerFolders, part: Part): Promise<string[]> => {
  if (part !== "store" || !folders.remote) return currentNames(folders, part);
  const first = await folders.remote.first();
  return first === undefined ? [] : [first];
};

const refuseOther = async (folders: ServerFolders, parts: readonly Part[]): Promise<void> => {
  for (const part of parts) {
    const [first] = await stands(folders, part);
    if (first !== undefined) throw new HitagiError("RESTORE_NOT_EMPTY", { first });
  }
};

const isAnything = async (folders: ServerFolders, parts: readonly Part[]): Promise<boolean> => {
  const names = await Promise.all(parts.map((part) => stands(folders, part)));
  return names.some((found) => found.length > 0);
};

/**
 * Restores a backup. Everything in it is unpacked beside what stands and checked first; what stands is then set aside,
 * never deleted. Whatever ends the process leaves the old state whole, or the new one after the next start.
 * @param force whether something may stand there
 * @throws HitagiError BACKUP_INVALID, RESTORE_NOT_EMPTY, STORE_IN_USE, DISK_FULL, STORE_FAILED
 */
export const restoreBackup = async (
  deps: RestoreDeps,
  backup: Readable,
  force: boolean,
): Promise<Restored> => {
  const { folders } = deps;
  await finishSwap(folders);
  const key = await readApiKey(folders.data);
  // Where servers are on it, that is told before all is unpacked.
  await folders.remote?.first();
  if (!force) await refuseOther(folders, ["data", "store", "plugins"]);
  try {
    const manifest = await unpackBackup(backup, writeTo(folders));
    await checkStore(deps);
    if (!force) await refuseOther(folders, manifest.parts);
    for (const part of manifest.parts) {
      const folder = folderOf(folders, part);
      if (folder !== undefined) await giveTo(folder, path.join(folder, WORK_FOLDERS.restore));
    }
    const id = newId();
    const anything = await isAnything(folders, manifest.parts);
    await deps.at?.();
    await swapIn(folders, id, manifest.parts, WORK_FOLDERS.restore, deps.at);
    if (!anything) await discardPreviousStates(folders, id);
    const otherKey = key !== undefined && (await readApiKey(folders.data)) !== key;
    return { manifest, previousState: anything ? id : undefined, otherKey };
  } catch (e) {
    await finishSwap(folders);
    throw storeError(e);
  }
};

const partsAside = async (folders: ServerFolders, id: string): Promise<Part[]> => {
  const found: Part[] = [];
  for (const part of allParts) {
    const folder = folderOf(folders, part);
    if (folder && (await namesIn(path.join(folder, previousStateFolder(id)))).includes(part))
      found.push(part);
  }
  return found;
};

/** What was set aside, by name, the latest first. */
export const listPreviousStates = async (folders: ServerFolders): Promise<string[]> =>
  (await namesIn(path.join(folders.data, WORK_FOLDERS.aside))).sort().reverse();

/**
 * Puts back what the last restore set aside, and sets aside what it brought.
 * @throws HitagiError NOTHING_SET_ASIDE, RESTORE_OTHER_PLACES, RESTORE_OTHER_STORE
 */
export const undoRestore = async (folders: ServerFolders): Promise<{ aside: string }> => {
  await finishSwap(folders);
  const [latest] = await listPreviousStates(folders);
  if (latest === undefined) throw new HitagiError("NOTHING_SET_ASIDE");
  await refuseOtherStore(folders, latest);
  const id = newId();
  await swapIn(folders, id, await partsAside(folders, latest), previousStateFolder(latest));
  return { aside: id };
};

/** Deletes what a restore set aside, or all that any did. */
export const discardPreviousStates = async (folders: ServerFolders, id?: string): Promise<void> => {
  for (const part of allParts) {
    const folder = folderOf(folders, part);
    if (folder !== undefined)
      await rm(path.join(folder, id === undefined ? WORK_FOLDERS.aside : previousStateFolder(id)), {
        recursive: true,
        force: true,
      });
  }
};
