import { rm } from "node:fs/promises";
import path from "node:path";
import { folderOf, WORK_FOLDERS } from "./server-folders.ts";
import { namesIn, previousState } from "./swap.ts";
import { parts as allParts, type ServerFolders } from "./types.ts";

/** The ids of the previous states that restores replaced, the latest first. */
export const listPreviousStates = async ({ data }: ServerFolders): Promise<string[]> =>
  (await namesIn(path.join(data, WORK_FOLDERS.previous))).sort().reverse();

/** Deletes a previous state, or all of them. */
export const discardPreviousStates = async (folders: ServerFolders, id?: string): Promise<void> => {
  const below = id === undefined ? WORK_FOLDERS.previous : previousState(id);
  for (const part of allParts) {
    const folder = folderOf(folders, part);
    if (folder !== undefined) await rm(path.join(folder, below), { recursive: true, force: true });
  }
};
