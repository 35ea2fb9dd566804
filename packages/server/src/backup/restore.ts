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
import { folderOf, WORK } from "./places.ts";
import { type At, asideOf, finishSwap, namesIn, refuseOtherStore, standing, swapIn } from "./swap.ts";
import { parts as allParts, type BackupManifest, type Part, type Places, STORE_NAME } from "./types.ts";
import { type Receive, unpackBackup } from "./unpack.ts";

export interface RestoreDeps {
  /** Claimed by this process, so that no server is on them. */
  places: Places;
  openCopy(file: string): Promise<Store>;
  at?: At;
}

export interface Restored {
  manifest: BackupManifest;
  /** What the folder of the things that were set aside is called; undefined where nothing stood there. */
  aside: string | undefined;
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
const waiting = (places: Places, inBackup: string): string => {
  const [part = "", ...rest] = inBackup.split("/");
  const folder = folderOf(places, part as Part);
  if (folder === undefined)
    throw new HitagiError("BACKUP_INVALID", { reason: NO_PLACE[part] ?? `it holds ${part}` });
  const below = rest.join("/");
  const isStore = part === "store" && below.startsWith(STORE_NAME);
  if (part === "store" && !isStore)
    throw new HitagiError("BACKUP_INVALID", { reason: `it holds ${inBackup}` });
  const name = isStore
    ? `${path.basename(places.store ?? STORE_NAME)}${below.slice(STORE_NAME.length)}`
    : below;
  return path.join(folder, WORK.restore, part, name);
};

/** Archives and plugins may be looked at by whom the owner likes; the rest holds secrets. */
const isPrivate = (inBackup: string): boolean => /^(?:data|store)\//.test(inBackup);

const writeTo =
  (places: Places): Receive =>
  async (inBackup, content) => {
    const file = waiting(places, inBackup);
    const secret = isPrivate(inBackup);
    await makeFolder(path.dirname(file), secret ? 0o700 : undefined);
    await writeFile(file, content, { flag: "wx", flush: true, mode: secret ? 0o600 : 0o644 });
  };

/** @throws HitagiError BACKUP_INVALID where the database in it is damaged, STORE_NEWER */
const checkStore = async ({ places, openCopy }: RestoreDeps): Promise<void> => {
  const file = waiting(places, `store/${STORE_NAME}`);
  if (!existsSync(file)) throw new HitagiError("BACKUP_INVALID", { reason: "it holds no database" });
  const store = await openCopy(file);
  const faults = await store.faults().finally(() => store.close());
  for (const side of ["-wal", "-shm"]) await rm(`${file}${side}`, { force: true });
  const [first] = faults;
  if (first !== undefined)
    throw new HitagiError("BACKUP_INVALID", { reason: `its database is damaged: ${first}` });
};

/** What stands of a part, by names. */
const stands = async (places: Places, part: Part): Promise<string[]> => {
  if (part !== "store" || !places.remote) return standing(places, part);
  const first = await places.remote.first();
  return first === undefined ? [] : [first];
};

const refuseOther = async (places: Places, parts: readonly Part[]): Promise<void> => {
  for (const part of parts) {
    const [first] = await stands(places, part);
    if (first !== undefined) throw new HitagiError("RESTORE_NOT_EMPTY", { first });
  }
};

const isAnything = async (places: Places, parts: readonly Part[]): Promise<boolean> => {
  const names = await Promise.all(parts.map((part) => stands(places, part)));
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
  const { places } = deps;
  await finishSwap(places);
  const key = await readApiKey(places.data);
  // Where servers are on it, that is told before all is unpacked.
  await places.remote?.first();
  if (!force) await refuseOther(places, ["data", "store", "plugins"]);
  try {
    const manifest = await unpackBackup(backup, writeTo(places));
    await checkStore(deps);
    if (!force) await refuseOther(places, manifest.parts);
    for (const part of manifest.parts) {
      const folder = folderOf(places, part);
      if (folder !== undefined) await giveTo(folder, path.join(folder, WORK.restore));
    }
    const id = newId();
    const anything = await isAnything(places, manifest.parts);
    await deps.at?.();
    await swapIn(places, id, manifest.parts, WORK.restore, deps.at);
    if (!anything) await discardAside(places, id);
    const otherKey = key !== undefined && (await readApiKey(places.data)) !== key;
    return { manifest, aside: anything ? id : undefined, otherKey };
  } catch (e) {
    await finishSwap(places);
    throw storeError(e);
  }
};

const partsAside = async (places: Places, id: string): Promise<Part[]> => {
  const found: Part[] = [];
  for (const part of allParts) {
    const folder = folderOf(places, part);
    if (folder && (await namesIn(path.join(folder, asideOf(id)))).includes(part)) found.push(part);
  }
  return found;
};

/** What was set aside, by name, the latest first. */
export const listAside = async (places: Places): Promise<string[]> =>
  (await namesIn(path.join(places.data, WORK.aside))).sort().reverse();

/**
 * Puts back what the last restore set aside, and sets aside what it brought.
 * @throws HitagiError NOTHING_SET_ASIDE, RESTORE_OTHER_PLACES, RESTORE_OTHER_STORE
 */
export const undoRestore = async (places: Places): Promise<{ aside: string }> => {
  await finishSwap(places);
  const [latest] = await listAside(places);
  if (latest === undefined) throw new HitagiError("NOTHING_SET_ASIDE");
  await refuseOtherStore(places, latest);
  const id = newId();
  await swapIn(places, id, await partsAside(places, latest), asideOf(latest));
  return { aside: id };
};

/** Deletes what a restore set aside, or all that any did. */
export const discardAside = async (places: Places, id?: string): Promise<void> => {
  for (const part of allParts) {
    const folder = folderOf(places, part);
    if (folder !== undefined)
      await rm(path.join(folder, id === undefined ? WORK.aside : asideOf(id)), {
        recursive: true,
        force: true,
      });
  }
};
