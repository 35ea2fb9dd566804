import { randomUUID } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { HitagiError, type WaitingRestore, WaitingRestore as WaitingSchema } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { ifThere } from "../disk/errors.ts";
import { realLockFile, takeLock } from "../disk/file-lock.ts";
import { makeFolder, syncFolder } from "../disk/folders.ts";
import { writeWhole } from "../disk/write-whole.ts";
import { lazySchema } from "../lazy-schema.ts";
import { WORK_FOLDERS } from "./server-folders.ts";
import type { ServerFolders } from "./types.ts";

/** A waiting restore as it is stored. */
const Stored = Type.Object({
  ...WaitingSchema.properties,
  /** The name of the backup beside it; null for an undo. */
  file: Type.Union([Type.String({ pattern: "^[0-9a-f-]{36}\\.tar\\.gz$" }), Type.Null()]),
  /** Starts that tried it and ended neither with it nor with a failure. */
  attempts: Type.Integer(),
});
export type StoredRestore = Static<typeof Stored>;

type DataFolder = Pick<ServerFolders, "data">;

const schema = lazySchema(Stored);

export const waitingFolder = ({ data }: DataFolder): string => path.join(data, WORK_FOLDERS.waiting);

const recordIn = (folders: DataFolder): string => path.join(waitingFolder(folders), "restore.json");

/** A name for a backup that is received. */
export const newBackupName = (): string => `${randomUUID()}.tar.gz`;

/** The waiting restore; undefined where there is none, or where its record is damaged. */
export const readWaiting = async (folders: DataFolder): Promise<StoredRestore | undefined> => {
  const text = await ifThere(readFile(recordIn(folders), "utf8"));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return schema().Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The waiting restore without what only a start needs. */
export const shownRestore = ({ state, since, backup, failure }: StoredRestore): WaitingRestore => ({
  state,
  since,
  backup,
  failure,
});

/** Removes what the record does not name: backups that were replaced, or not received to their end. */
export const removeOthers = async (folders: DataFolder, waiting: StoredRestore): Promise<void> => {
  const kept = [path.basename(recordIn(folders)), waiting.file];
  const folder = waitingFolder(folders);
  for (const name of await readdir(folder))
    if (!kept.includes(name)) await rm(path.join(folder, name), { recursive: true, force: true });
};

/** Writes the record, which decides what waits, then removes what it does not name. @throws HitagiError DISK_FULL, STORE_FAILED */
export const writeWaiting = async (folders: DataFolder, waiting: StoredRestore): Promise<void> => {
  await makeFolder(waitingFolder(folders), 0o700);
  await writeWhole({ file: recordIn(folders), content: JSON.stringify(waiting) });
  await syncFolder(folders.data);
  await removeOthers(folders, waiting);
};

/** Cancels a waiting restore. The record goes first: what is left without it is never restored. */
export const clearWaiting = async (folders: DataFolder): Promise<void> => {
  await rm(recordIn(folders), { force: true });
  await rm(waitingFolder(folders), { recursive: true, force: true });
};

/**
 * Runs work on the waiting restore while no other process and no other call changes it.
 * @throws HitagiError RESTORE_BUSY, and the errors of the work
 */
export const withWaiting = async <T>({ data }: DataFolder, work: () => Promise<T>): Promise<T> => {
  const lock = await takeLock(await realLockFile(path.join(data, `${WORK_FOLDERS.waiting}.lock`), 0o700));
  if (!("release" in lock)) throw new HitagiError("RESTORE_BUSY");
  try {
    return await work();
  } finally {
    lock.release();
  }
};
