import { createHash, randomUUID } from "node:crypto";
import { copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { syncFolder } from "./write-whole.ts";

const errno = (e: unknown): string | undefined =>
  e instanceof Error && "code" in e && typeof e.code === "string" ? e.code : undefined;

/** Whether an error of the file system says that the file or its folder is not there. */
export const isMissing = (e: unknown): boolean => errno(e) === "ENOENT" || errno(e) === "ENOTDIR";

/** Whether an error of the file system says that there is no room. */
export const isDiskFull = (e: unknown): boolean => errno(e) === "ENOSPC" || errno(e) === "EDQUOT";

/** SHA-256 in hex. */
export const sha256Of = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** The file's bytes, or undefined where it is not there. */
export const readIfThere = (file: string): Promise<Buffer | undefined> =>
  readFile(file).catch((e: unknown) => {
    if (isMissing(e)) return undefined;
    throw e;
  });

/** The hash of a file of the plugins folder, or undefined where it is not there. */
export const hashFile = async (folder: string, relative: string): Promise<string | undefined> => {
  const bytes = await readIfThere(path.join(folder, relative));
  return bytes && sha256Of(bytes);
};

/** Makes what a file holds durable. */
export const syncFile = async (file: string): Promise<void> => {
  const handle = await open(file, "r+");
  await handle.sync().finally(() => handle.close());
};

const makeFolder = async (folder: string): Promise<void> => {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await syncFolder(path.dirname(made));
};

/** Writes bytes to a new file. */
export const writeNew = async (file: string, bytes: Buffer | string): Promise<void> => {
  await makeFolder(path.dirname(file));
  await writeFile(file, bytes, { flag: "wx" });
};

/** Writes bytes to a new file, durably but for its name. */
export const writeDurably = async (file: string, bytes: Buffer | string): Promise<void> => {
  await writeNew(file, bytes);
  await syncFile(file);
};

/** Marks files on their way in, so that those left by a process that died are known. */
export const STAGED = ".staged";

/** A name for a file on its way in. */
export const stagedName = (): string => `${randomUUID()}${STAGED}`;

/** Where a file waits beside its place when it had to be copied from another disk. */
export const besidePlace = (file: string): string => `${file}${STAGED}`;

/** Moves a durable file to its place in one step that is durable too. Works across disks. */
export const moveInto = async (from: string, to: string): Promise<void> => {
  await makeFolder(path.dirname(to));
  try {
    await rename(from, to);
  } catch (e) {
    if (errno(e) !== "EXDEV") throw e;
    await copyFile(from, besidePlace(to));
    await syncFile(besidePlace(to));
    await rename(besidePlace(to), to);
    await rm(from);
  }
  await syncFolder(path.dirname(to));
};

/** Removes a file durably; nothing happens where it is not there. */
export const removeFile = async (file: string): Promise<void> => {
  try {
    await rm(file);
  } catch (e) {
    if (isMissing(e)) return;
    throw e;
  }
  await syncFolder(path.dirname(file));
};

/** Whether two names are one file, as on a disk that does not tell capitals from small letters. */
export const isSameFile = async (a: string, b: string): Promise<boolean> => {
  if (a === b) return true;
  const [left, right] = await Promise.all([a, b].map((f) => stat(f).catch(() => undefined)));
  return left !== undefined && right !== undefined && left.ino === right.ino && left.dev === right.dev;
};

/** Makes a file hold these bytes, or makes it absent, in one durable step. */
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
