import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { isLockFile } from "../data-folder/locks.ts";
import { unlessMissing } from "../disk/errno.ts";
import { ifThere } from "../disk/errors.ts";
import { exists } from "../disk/files.ts";
import { makeFolder, syncFolder } from "../disk/folders.ts";
import { writeWhole } from "../disk/write-whole.ts";
import type { RemoteStore } from "../store-copy/remote.ts";
import { belongsToPart, folderOf, pathIn, WORK_FOLDERS } from "./server-folders.ts";
import { parts as allParts, type Part, type ServerFolders, STORE_NAME } from "./types.ts";

const Names = Type.Record(Type.String(), Type.Array(Type.String()));

/** The journal of a restore. Once it is on the disk, this process or the next one finishes the restore. */
const Swap = Type.Object({
  /** The id of the previous state. */
  id: Type.String({ pattern: "^[0-9TZ-]+$" }),
  parts: Type.Array(Type.Enum([...allParts])),
  /** The folder with the new files, relative to each part's folder. */
  from: Type.String(),
  /** Top-level names by part: those that are replaced, and the new ones. */
  out: Names,
  in: Names,
});
type Swap = Static<typeof Swap>;

/** Called between the steps of a restore, so that tests can end the process there. */
export type OnStep = () => Promise<void> | void;

/** Marks the previous state of a store that is no file: it must not be restored as a file. */
const REMOTE_MARK = ".hitagi-remote";

const journalOf = ({ data }: ServerFolders): string => path.join(data, WORK_FOLDERS.restore, "journal.json");

/** Where a remote store's content waits until the restore is decided. */
const savedStore = ({ data }: ServerFolders): string => path.join(data, WORK_FOLDERS.restore, "saved");

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

export const namesIn = async (folder: string): Promise<string[]> => (await ifThere(readdir(folder))) ?? [];

/** The current top-level names of a part. */
export const currentNames = async (folders: ServerFolders, part: Part): Promise<string[]> =>
  (await namesIn(pathIn(folders, part))).filter((name) => belongsToPart(folders, part, name));

/** The folder of a previous state, relative to each part's folder. */
export const previousState = (id: string): string => path.join(WORK_FOLDERS.previous, id);

/** @throws HitagiError RESTORE_OTHER_STORE where the previous state is of a remote store, and the current store is a file */
export const checkSameStore = async (folders: ServerFolders, id: string): Promise<void> => {
  const mark = path.join(folders.data, previousState(id), "store", REMOTE_MARK);
  if (!folders.remote && (await exists(mark))) throw new HitagiError("RESTORE_OTHER_STORE");
};

/**
 * Reads the journal of a decided restore; undefined where there is none. A damaged journal stops the server: the new files may be
 * the only copy.
 * @throws HitagiError STORE_FAILED
 */
const readSwap = async (folders: ServerFolders): Promise<Swap | undefined> => {
  const text = await ifThere(readFile(journalOf(folders), "utf8"));
  if (text === undefined) return undefined;
  try {
    return Value.Parse(Swap, JSON.parse(text));
  } catch (cause) {
    throw new HitagiError("STORE_FAILED", { reason: "the journal of a restore is damaged" }, { cause });
  }
};

/**
 * Rejects names that exist and are not replaced, because another part uses them now. A folder with nothing but lock files is no conflict.
 * @throws HitagiError RESTORE_OTHER_PLACES
 */
const rejectConflicts = async (
  folder: string,
  incoming: readonly string[] = [],
  replaced: readonly string[] = [],
): Promise<void> => {
  for (const name of incoming.filter((one) => !replaced.includes(one))) {
    const existing = await unlessMissing(readdir(path.join(folder, name)));
    if (existing?.some((one) => !isLockFile(one))) throw new HitagiError("RESTORE_OTHER_PLACES", { name });
  }
};

/** Moves a file or folder to its place. If both are folders, the target has nothing but lock files: moves the content. */
const moveIntoPlace = async (source: string, place: string): Promise<void> => {
  const [incoming, existing] = await Promise.all([source, place].map((f) => unlessMissing(readdir(f))));
  if (incoming === undefined || existing === undefined) return rename(source, place);
  for (const name of incoming.filter((one) => !isLockFile(one)))
    await rename(path.join(source, name), path.join(place, name));
};

/** Loads the new content into a remote store. Its previous content was saved before the restore was decided. */
const swapRemoteStore = async (
  folders: ServerFolders,
  { id, from }: Swap,
  remote: RemoteStore,
): Promise<void> => {
  const { data } = folders;
  const previous = path.join(data, previousState(id), "store");
  await makeFolder(path.dirname(previous), 0o700);
  const saved = savedStore(folders);
  if (await exists(saved)) await rename(saved, previous);
  const file = path.join(data, from, "store", STORE_NAME);
  if (await exists(file)) await remote.load(file, data, `restore ${id}`);
};

/** The parts whose files are renamed: a remote store has none. */
const fileParts = (folders: ServerFolders, parts: readonly Part[]): readonly Part[] =>
  folders.remote ? parts.filter((part) => part !== "store") : parts;

/** Moves out the replaced files. Repeatable: a name that was moved out is not taken again. */
const moveOut = async (
  folders: ServerFolders,
  { id, out }: Swap,
  part: Part,
  onStep: OnStep,
): Promise<void> => {
  const previous = pathIn(folders, part, previousState(id), part);
  await makeFolder(previous, 0o700);
  for (const name of out[part] ?? []) {
    const [place, target] = [pathIn(folders, part, name), path.join(previous, name)];
    if (!(await exists(target)) && (await exists(place))) await rename(place, target);
    await onStep();
  }
  await syncFolder(previous);
};

const moveIn = async (folders: ServerFolders, swap: Swap, part: Part, onStep: OnStep): Promise<void> => {
  for (const name of swap.in[part] ?? []) {
    const source = pathIn(folders, part, swap.from, part, name);
    if (await exists(source)) await moveIntoPlace(source, pathIn(folders, part, name));
    await onStep();
  }
  await syncFolder(pathIn(folders, part));
};

const carryOut = async (folders: ServerFolders, swap: Swap, onStep: OnStep = () => {}): Promise<void> => {
  const parts = fileParts(folders, swap.parts);
  for (const part of parts) await moveOut(folders, swap, part, onStep);
  for (const part of parts) await moveIn(folders, swap, part, onStep);
  if (folders.remote && swap.parts.includes("store")) {
    await swapRemoteStore(folders, swap, folders.remote);
    await onStep();
  }
  // The folder of a previous state is shared by the parts, so it goes once all parts are out of it.
  for (const part of swap.parts) await remove(pathIn(folders, part, swap.from, part));
  if (swap.from !== WORK_FOLDERS.restore)
    for (const part of swap.parts) await remove(pathIn(folders, part, swap.from));
  // With the journal, so that no start carries the same restore out twice. A later restore takes the place of one that waits.
  await remove(path.join(folders.data, WORK_FOLDERS.waiting));
  await rm(journalOf(folders), { force: true });
  await removeUndecided(folders);
};

/** Removes the files of restores that were not decided. */
const removeUndecided = async (folders: ServerFolders): Promise<void> => {
  const distinct = new Set(allParts.flatMap((part) => folderOf(folders, part) ?? []));
  for (const folder of distinct) await remove(path.join(folder, WORK_FOLDERS.restore));
};

/**
 * Replaces the current files by those in `from`, and keeps the replaced ones as a previous state. The write of the journal decides: if the
 * process ends before, nothing has changed; if it ends afterwards, {@link finishSwap} completes the restore.
 * @throws HitagiError RESTORE_OTHER_PLACES, and the file system's error
 */
export const swapIn = async (
  folders: ServerFolders,
  id: string,
  parts: readonly Part[],
  from: string,
  onStep: OnStep = () => {},
): Promise<void> => {
  const swap: Swap = { id, parts: [...parts], from, out: {}, in: {} };
  for (const part of parts) {
    swap.out[part] = await currentNames(folders, part);
    swap.in[part] = await namesIn(pathIn(folders, part, from, part));
  }
  for (const part of fileParts(folders, parts))
    await rejectConflicts(pathIn(folders, part), swap.in[part], swap.out[part]);
  await makeFolder(path.dirname(journalOf(folders)), 0o700);
  if (folders.remote && parts.includes("store")) {
    await folders.remote.save(path.join(savedStore(folders), STORE_NAME));
    await writeFile(path.join(savedStore(folders), REMOTE_MARK), "");
  }
  await writeWhole({ file: journalOf(folders), content: JSON.stringify(swap) });
  await syncFolder(folders.data);
  await onStep();
  await carryOut(folders, swap, onStep);
};

/** Completes a restore that was decided before its process ended, and removes the files of others. */
export const finishSwap = async (folders: ServerFolders): Promise<void> => {
  const swap = await readSwap(folders);
  if (swap) await carryOut(folders, swap);
  else await removeUndecided(folders);
};

/** Removes the snapshots of backups whose process ended. */
export const removeSnapshots = ({ data }: ServerFolders): Promise<void> =>
  remove(path.join(data, WORK_FOLDERS.snapshots));
