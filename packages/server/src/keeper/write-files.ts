import { randomUUID } from "node:crypto";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { codeOf, unlessMissing } from "../disk/errno.ts";
import { storeError } from "../disk/errors.ts";
import { makeFolder } from "../disk/folders.ts";
import { makeBelow, NotRegularError, pathOfOpen } from "../disk/regular-files.ts";
import { KeeperError } from "./keeper-error.ts";

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

/**
 * The folder may be another's, for example on a stick: a link in it would lead the file elsewhere.
 * @throws KeeperError where a folder of the file's path is a link, or no folder
 */
const place = async (staged: string, folder: string, file: string): Promise<void> => {
  const { dir, base } = path.posix.parse(file);
  const parent = await makeBelow(folder, dir).catch((error: unknown) => {
    if (!(error instanceof NotRegularError) && codeOf(error) !== "ENOTDIR") throw error;
    throw new KeeperError(
      `${file} is not written to ${folder}: a folder on its way is a link, or no folder.`,
      "Look at what is there, and remove the link or name another folder.",
    );
  });
  try {
    await rename(staged, path.join(pathOfOpen(parent, path.join(folder, dir)), base));
    // Windows has no such call and needs none.
    if (process.platform !== "win32") await parent.sync();
  } finally {
    await parent.close();
  }
};

/**
 * Writes files of a registry. All of them are written to the disk before the first is put in its place, so that a full disk leaves the
 * folder as it was; each is replaced as a whole, in the order given.
 * @throws HitagiError DISK_FULL, STORE_FAILED; KeeperError where a link below the folder leads elsewhere; the file system's error for a folder without rights
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
    for (const { file, from } of staged) await place(from, folder, file);
  } catch (error) {
    // These name the path that its owner can mend.
    throw error instanceof KeeperError || ["EACCES", "EPERM", "EROFS"].includes(codeOf(error) ?? "")
      ? error
      : storeError(error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
};
