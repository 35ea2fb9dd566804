import { createReadStream, existsSync, type ReadStream } from "node:fs";
import { type FileHandle, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough, pipeline, type Transform } from "node:stream";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import { storeError } from "../disk/errors.ts";
import { makeFolder } from "../disk/folders.ts";
import { readApiKey } from "../keys/api-key-file.ts";
import type { Store } from "../store/types.ts";
import { checkStore, createRoom, type RestoreDeps, unpackedPath, withCopy } from "./check-content.ts";
import { keepTrust } from "./keep-trust.ts";
import { type RestoreNote, restoreEntry } from "./restore-entry.ts";
import { folderOf, pathIn, WORK_FOLDERS } from "./server-folders.ts";
import { discardPreviousStates, listPreviousStates } from "./set-aside.ts";
import { checkSameStore, currentNames, finishSwap, namesIn, previousState, swapIn } from "./swap.ts";
import { parts as allParts, type Part, type ServerFolders, STORE_NAME } from "./types.ts";
import { checkBackup, type Receive, type UnpackedBackup, unpackBackup } from "./unpack.ts";

/** How far the store that was replaced could be read. */
interface Replaced {
  /** Whether its accepted heads of registries were kept; false if it could not be read. */
  trustKept: boolean;
  /** Whether it is damaged, so that no undo puts it back. */
  wasDamaged: boolean;
}

/** What a restore or its undo did to what the server had. */
interface Swapped extends Replaced {
  /** Whether the servers' own API key has changed. */
  otherKey: boolean;
}

export interface Restored extends UnpackedBackup, Swapped {
  /** The id of the previous state; undefined where there was none. */
  previous: string | undefined;
}

export interface Undone extends Swapped {
  /** The id of the state that the undo replaced. */
  previous: string;
}

export interface UndoOptions {
  /** Who carries it out, for the history. */
  by: RestoreNote["by"];
  /** Called before anything is replaced, if the current store is damaged. */
  onDamaged?: () => void;
}

export interface RestoreOptions extends UndoOptions {
  /** Replaces what the server has. */
  force: boolean;
  /** Passes on the bytes of the backup, to show how many there were. */
  progress?: Transform;
}

/** An id; ids sort by time. */
const newId = (): string => new Date().toISOString().replace(/[:.]/g, "-");

const unpackInto =
  (folders: ServerFolders): Receive =>
  async (inBackup, content) => {
    const file = unpackedPath(folders, inBackup);
    // The data folder and the store hold secrets; others may read archives and plugins.
    const secret = /^(?:data|store)\//.test(inBackup);
    await makeFolder(path.dirname(file), secret ? 0o700 : undefined);
    await writeFile(file, content, { flag: "wx", flush: true, mode: secret ? 0o600 : 0o644 });
  };

/** Opens the store that is about to be replaced; undefined if there is none. */
const openCurrent = async ({ folders, openCopy }: RestoreDeps, saved: string): Promise<Store | undefined> => {
  const { storeFile, remote } = folders;
  if (storeFile !== undefined) return existsSync(storeFile) ? openCopy(storeFile) : undefined;
  if (!remote || (await remote.first()) === undefined) return undefined;
  await remote.save(saved);
  return openCopy(saved);
};

const isAnswer = (error: unknown): boolean =>
  isHitagiError(error, "STORE_IN_USE", "DISK_FULL", "STORE_UNREACHABLE");

/**
 * Opens the store that is replaced. A damaged one is a reason to restore; a store in use is none.
 * @returns null if it cannot be opened
 */
const openReplaced = async (deps: RestoreDeps): Promise<Store | undefined | null> => {
  const saved = pathIn(deps.folders, "data", WORK_FOLDERS.restore, "current.db");
  await makeFolder(path.dirname(saved), 0o700);
  try {
    return await openCurrent(deps, saved);
  } catch (error) {
    if (isAnswer(error)) throw error;
    return null;
  }
};

/** What a store has accepted of signed registries can be read. */
const canReadTrust = async (store: Store): Promise<boolean> => {
  try {
    for (const { fingerprint } of await store.trust.list()) await store.seenVersions.get(fingerprint);
    await store.trust.pins();
    return true;
  } catch (error) {
    if (isAnswer(error)) throw error;
    return false;
  }
};

const hasFaults = async (store: Store): Promise<boolean> => {
  try {
    return (await store.faults()).length > 0;
  } catch (error) {
    if (isAnswer(error)) throw error;
    return true;
  }
};

/** Keeps what the current store has accepted of signed registries in the one that is to replace it, and notes the restore there. */
const prepareStore = async (deps: RestoreDeps, file: string, note: RestoreNote): Promise<Replaced> => {
  const current = await openReplaced(deps);
  try {
    const wasDamaged = current === null || (current !== undefined && (await hasFaults(current)));
    const trustKept = current === undefined || (current !== null && (await canReadTrust(current)));
    const now = Date.now() / 1000;
    await withCopy(deps, file, async (store) => {
      await keepTrust(trustKept ? (current ?? undefined) : undefined, store, now);
      await store.history.add(restoreEntry(note, now));
    });
    return { trustKept, wasDamaged };
  } finally {
    await current?.close();
  }
};

/** The bytes of an open file from its start, as often as wanted. */
const bytesOf = (file: FileHandle): ReadStream =>
  createReadStream("", { fd: file, start: 0, autoClose: false });

/** The name of one thing that the parts hold now; undefined where they are empty. */
const firstName = async (folders: ServerFolders, parts: readonly Part[]): Promise<string | undefined> => {
  for (const part of parts) {
    const remote = part === "store" ? folders.remote : undefined;
    const first = remote ? await remote.first() : (await currentNames(folders, part))[0];
    if (first !== undefined) return first;
  }
  return undefined;
};

const rejectExisting = async (folders: ServerFolders, parts: readonly Part[]): Promise<void> => {
  const first = await firstName(folders, parts);
  if (first !== undefined) throw new HitagiError("RESTORE_NOT_EMPTY", { first });
};

const isOtherKey = async ({ data }: ServerFolders, before: string | undefined): Promise<boolean> =>
  before !== undefined && (await readApiKey(data)) !== before;

/**
 * Restores a backup. Unpacks it beside the current files, checks it, and swaps: the replaced files stay as a previous state. If the
 * process ends, the old state is complete, or the new one is after the next start.
 * @param file a backup, open for reading; it stays open
 * @throws HitagiError BACKUP_INVALID, RESTORE_NOT_EMPTY, STORE_IN_USE, DISK_FULL, STORE_FAILED
 */
export const restoreBackup = async (
  deps: RestoreDeps,
  file: FileHandle,
  { force, by, onDamaged = () => {}, progress = new PassThrough() }: RestoreOptions,
): Promise<Restored> => {
  const { folders, onStep } = deps;
  await finishSwap(folders);
  const key = await readApiKey(folders.data);
  // Reports servers on a remote store before the backup is unpacked.
  await folders.remote?.first();
  if (!force) await rejectExisting(folders, ["data", "store", "plugins"]);
  try {
    // Nothing of a backup that is refused is written.
    await checkBackup(bytesOf(file), await createRoom(folders));
    // The reader gets an error from the stream itself, and may stop early.
    const backup = pipeline(bytesOf(file), progress, () => {});
    const { manifest, foreign } = await unpackBackup(backup, unpackInto(folders));
    const { parts } = manifest;
    const store = unpackedPath(folders, `store/${STORE_NAME}`);
    await checkStore(deps, store);
    if (!force) await rejectExisting(folders, parts);
    const id = newId();
    const isEmpty = (await firstName(folders, parts)) === undefined;
    const note = { kind: "restore", name: manifest.created, by } as const;
    const replaced = await prepareStore(deps, store, note);
    if (replaced.wasDamaged) onDamaged();
    await onStep?.();
    await swapIn(folders, id, parts, WORK_FOLDERS.restore, onStep);
    if (isEmpty) await discardPreviousStates(folders, id);
    const otherKey = await isOtherKey(folders, key);
    return { manifest, foreign, previous: isEmpty ? undefined : id, otherKey, ...replaced };
  } catch (e) {
    await finishSwap(folders);
    throw storeError(e);
  }
};

const partsOfPrevious = async (folders: ServerFolders, id: string): Promise<Part[]> => {
  const found: Part[] = [];
  for (const part of allParts) {
    if (folderOf(folders, part) === undefined) continue;
    if ((await namesIn(pathIn(folders, part, previousState(id)))).includes(part)) found.push(part);
  }
  return found;
};

/** @throws HitagiError RESTORE_UNDO_DAMAGED where the store that was set aside is damaged */
const checkSetAside = async (deps: RestoreDeps, file: string): Promise<void> => {
  const damaged = (reason: string, cause?: unknown) =>
    new HitagiError("RESTORE_UNDO_DAMAGED", { folder: path.dirname(file), reason }, { cause });
  try {
    const [fault] = await withCopy(deps, file, (store) => store.faults());
    if (fault !== undefined) throw damaged(fault);
  } catch (error) {
    if (isHitagiError(error, "STORE_FAILED")) throw damaged(String(error.params.reason), error);
    throw error;
  }
};

/**
 * Restores the latest previous state, with what was accepted of signed registries since. The replaced state becomes the previous one.
 * @throws HitagiError NOTHING_SET_ASIDE, RESTORE_OTHER_PLACES, RESTORE_OTHER_STORE, RESTORE_UNDO_DAMAGED (nothing is changed)
 */
export const undoRestore = async (
  deps: RestoreDeps,
  { by, onDamaged = () => {} }: UndoOptions,
): Promise<Undone> => {
  const { folders } = deps;
  await finishSwap(folders);
  const key = await readApiKey(folders.data);
  const [latest] = await listPreviousStates(folders);
  if (latest === undefined) throw new HitagiError("NOTHING_SET_ASIDE");
  await checkSameStore(folders, latest);
  const id = newId();
  const name = path.basename(folders.storeFile ?? STORE_NAME);
  const store = pathIn(folders, "store", previousState(latest), "store", name);
  let replaced: Replaced = { trustKept: true, wasDamaged: false };
  if (existsSync(store)) {
    await checkSetAside(deps, store);
    replaced = await prepareStore(deps, store, { kind: "undo", name: latest, by });
  }
  if (replaced.wasDamaged) onDamaged();
  await swapIn(folders, id, await partsOfPrevious(folders, latest), previousState(latest));
  return { previous: id, otherKey: await isOtherKey(folders, key), ...replaced };
};
