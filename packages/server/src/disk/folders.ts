import { mkdir, open, stat } from "node:fs/promises";
import path from "node:path";
import { codeOf } from "./errno.ts";

const isFolder = (place: string): Promise<boolean> =>
  stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Whether a path is a folder or leads into it. Both are absolute and in their plain form. */
export const holds = (folder: string, file: string): boolean =>
  file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`);

/** Makes one folder; answers the error where its parent is missing, and else whether the folder is new. */
const makeOne = async (folder: string, mode: number | undefined): Promise<Error | boolean> => {
  try {
    await mkdir(folder, mode);
    return true;
  } catch (e) {
    if (codeOf(e) === "ENOENT") return e as Error;
    if (codeOf(e) === "EEXIST" && (await isFolder(folder))) return false;
    throw e;
  }
};

/**
 * Makes a folder and the missing ones above it. Node's `mkdir` with `recursive` never returns where a folder exists but
 * reports ENOENT for anything made in it, as a dead mount or /proc does.
 * @param mode of each folder that is made, for example 0o700
 * @returns the topmost folder that was made; undefined where all were there
 * @throws the file system's error
 */
export const makeFolder = async (folder: string, mode?: number): Promise<string | undefined> => {
  const first = await makeOne(folder, mode);
  if (typeof first === "boolean") return first ? folder : undefined;
  const parent = path.dirname(folder);
  if (parent === folder) throw first;
  const top = await makeFolder(parent, mode);
  // The parent exists now, so ENOENT is final.
  const second = await makeOne(folder, mode);
  if (second instanceof Error) throw second;
  return top ?? (second ? folder : undefined);
};

/** Makes the names in a folder durable. Windows has no such call and needs none. */
export const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
};
