import { randomUUID } from "node:crypto";
import {
  access,
  chmod,
  constants,
  copyFile,
  link,
  open,
  rename,
  rm,
  stat,
  unlink,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { codeOf, isMissing, unlessMissing, unlessTaken } from "./errno.ts";
import { makeFolder, syncFolder } from "./folders.ts";
import { readBeginning, readRegular } from "./regular-files.ts";

/** The bytes of a regular file; undefined if there is nothing. @throws NotRegularError, the file system's error */
export const readIfThere = (file: string): Promise<Buffer | undefined> => unlessMissing(readRegular(file));

/**
 * The bytes of a plugin's file; undefined where nothing has its name. Of a larger file than a plugin may have, the first
 * MAX_ARTIFACT_FILE_BYTES + 1 bytes.
 * @throws NotRegularError, the file system's error
 */
export const readPluginFile = (file: string): Promise<Buffer | undefined> =>
  unlessMissing(readBeginning(file, MAX_ARTIFACT_FILE_BYTES + 1));

/** Whether a file or folder can be found. */
export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Rights of group and others. */
const OTHERS = 0o077;

/**
 * Takes all rights on a file from group and others. Windows has no such modes.
 * @returns whether they had any
 * @throws the file system's error, EPERM for another user's file
 */
export const restrictToOwner = async (file: string): Promise<boolean> => {
  const { mode } = await stat(file);
  if (process.platform === "win32" || (mode & OTHERS) === 0) return false;
  await chmod(file, mode & 0o700);
  return true;
};

/** Makes the content of a file durable. */
const syncFile = async (file: string): Promise<void> => {
  const handle = await open(file, "r+");
  await handle.sync().finally(() => handle.close());
};

const makeDurableFolder = async (folder: string): Promise<void> => {
  const made = await makeFolder(folder);
  if (made !== undefined) await syncFolder(path.dirname(made));
};

/** Does work in a folder, which is made where it is missing. The work must have no effect without it. */
const inFolder = async (folder: string, work: () => Promise<void>): Promise<void> => {
  try {
    return await work();
  } catch (e) {
    if (!isMissing(e)) throw e;
  }
  await makeDurableFolder(folder);
  await work();
};

/** Writes bytes to a new file and makes them durable; its name is not yet. */
export const writeDurably = (file: string, bytes: Buffer | string): Promise<void> =>
  inFolder(path.dirname(file), () => writeFile(file, bytes, { flag: "wx", flush: true }));

/** Ends the names of files that are not in place yet, so that the files of a killed process are recognised. */
export const STAGED = ".staged";

export const stagedName = (): string => `${randomUUID()}${STAGED}`;

/** The name beside its place of a file that is copied from another disk. */
export const besidePlace = (file: string): string => `${file}${STAGED}`;

/** Moves a durable file to its place, atomically and durably. Works across disks. */
export const moveInto = async (from: string, to: string): Promise<void> => {
  try {
    await inFolder(path.dirname(to), () => rename(from, to));
  } catch (e) {
    if (codeOf(e) !== "EXDEV") throw e;
    await copyFile(from, besidePlace(to));
    await syncFile(besidePlace(to));
    await rename(besidePlace(to), to);
    await rm(from);
  }
  await syncFolder(path.dirname(to));
};

/** Removes a file, if it exists. @returns whether it did */
export const removeIfThere = (file: string): Promise<boolean> =>
  unlink(file).then(
    () => true,
    (e: unknown) => {
      if (isMissing(e)) return false;
      throw e;
    },
  );

/** Removes a file durably, if it exists. */
export const removeFile = async (file: string): Promise<void> => {
  if (await removeIfThere(file)) await syncFolder(path.dirname(file));
};

/** Whether two names are one file, as on a file system without case. */
export const isSameFile = async (a: string, b: string): Promise<boolean> => {
  if (a === b) return true;
  const [left, right] = await Promise.all([a, b].map((f) => stat(f).catch(() => undefined)));
  return left !== undefined && right !== undefined && left.ino === right.ino && left.dev === right.dev;
};

/** Writes these bytes to a file, or removes it, atomically and durably. */
export const restoreFile = async (
  staging: string,
  file: string,
  bytes: Buffer | undefined,
): Promise<void> => {
  if (!bytes) return removeFile(file);
  const temporary = path.join(staging, stagedName());
  try {
    await writeDurably(temporary, bytes);
    await moveInto(temporary, file);
  } catch (e) {
    await rm(temporary, { force: true });
    throw e;
  }
};

/** A copy that shares its blocks, where the file system can do it, to a name that is not taken. */
const NEW_CLONE = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;

/**
 * Gives a file a second name, or copies it where the file system has no hard links or the name is on another disk. A name
 * that is taken stays as it is. Only for files that are replaced and never written over.
 * @throws the file system's error, ENOENT where the file does not exist
 */
export const linkOrCopy = async (file: string, name: string): Promise<void> => {
  try {
    await link(file, name);
  } catch (e) {
    if (codeOf(e) === "EEXIST") return;
    if (codeOf(e) === "ENOENT") throw e;
    await copyFile(file, name, NEW_CLONE).catch(unlessTaken);
  }
};
