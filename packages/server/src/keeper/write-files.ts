import { randomUUID } from "node:crypto";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { codeOf, unlessMissing } from "../disk/errno.ts";
import { storeError } from "../disk/errors.ts";
import { makeFolder, syncFolder } from "../disk/folders.ts";

/** Begins the name of the folder in which new files wait until all are written. */
const STAGING = ".hitagi-staging-";

/** A file of a registry's folder, by its path with `/`. */
export interface NewFile {
  file: string;
  content: Buffer | string;
}

/** Removes what killed commands left. */
const removeLeftovers = async (folder: string): Promise<void> => {
  const names = await unlessMissing(readdir(folder));
  const left = (names ?? []).filter((name) => name.startsWith(STAGING));
  await Promise.all(left.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
};

const place = async (staged: string, target: string): Promise<void> => {
  await makeFolder(path.dirname(target));
  await rename(staged, target);
  await syncFolder(path.dirname(target));
};

/**
 * Writes files of a registry. All of them are written to the disk before the first is put in its place, so that a full disk leaves the
 * folder as it was; each is replaced as a whole, in the order given.
 * @throws HitagiError DISK_FULL, STORE_FAILED; the file system's error for a folder without rights
 */
export const writeRegistryFiles = async (folder: string, files: readonly NewFile[]): Promise<void> => {
  await removeLeftovers(folder);
  const staging = path.join(folder, `${STAGING}${randomUUID()}`);
  try {
    await makeFolder(staging);
    const staged = await Promise.all(
      files.map(async ({ file, content }, n) => {
        const from = path.join(staging, String(n));
        await writeFile(from, content, { flag: "wx", flush: true });
        return { file, from };
      }),
    );
    for (const { file, from } of staged) await place(from, path.join(folder, ...file.split("/")));
  } catch (error) {
    // These name the path that its owner can mend.
    throw ["EACCES", "EPERM", "EROFS"].includes(codeOf(error) ?? "") ? error : storeError(error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
};
