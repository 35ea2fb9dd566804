import type { Dir } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import path from "node:path";
import { openFolder, pathOfOpen } from "./regular-files.ts";

/** An entry of a folder: a regular file, or a folder. */
export interface FolderEntry {
  name: string;
  isFolder: boolean;
  /** Bytes; 0 for a folder. */
  size: number;
}

const readEntries = async (dir: Dir, folder: string, max: number): Promise<FolderEntry[] | undefined> => {
  const entries: FolderEntry[] = [];
  for await (const { name } of dir) {
    const found = await lstat(path.join(folder, name)).catch(() => undefined);
    if (!found?.isFile() && !found?.isDirectory()) continue;
    if (entries.length >= max) return undefined;
    entries.push({ name, isFolder: found.isDirectory(), size: found.isFile() ? found.size : 0 });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
};

/**
 * The files and folders in a folder, by name. Links and all else are left out.
 * @param folder a path without links: a link that takes a name of it is not followed
 * @returns undefined if they are more than `max`
 * @throws NotRegularError if a name of the path is a link by now; the file system's error
 */
export const listFolder = async (folder: string, max: number): Promise<FolderEntry[] | undefined> => {
  const handle = await openFolder(folder);
  try {
    const opened = pathOfOpen(handle, folder);
    return await readEntries(await opendir(opened), opened, max);
  } finally {
    await handle.close();
  }
};
