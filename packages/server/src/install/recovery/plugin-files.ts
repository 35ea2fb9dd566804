import { readdir } from "node:fs/promises";
import path from "node:path";
import { isMissing } from "../../disk/errno.ts";
import { typeFolders } from "../steps/install-target.ts";

/** Where installs put files, relative to the plugins folder. */
const folders = [...Object.values(typeFolders).map((folder) => `Managed/${folder}`), "Sideloaded"];

const filesIn = async (root: string, folder: string): Promise<string[]> => {
  try {
    const entries = await readdir(path.join(root, folder), { withFileTypes: true });
    return entries.filter((e) => !e.isDirectory()).map((e) => `${folder}/${e.name}`);
  } catch (e) {
    if (isMissing(e)) return [];
    throw e;
  }
};

/** Every file that lies where installs put them, relative to the plugins folder, with `/`. */
export const listPluginFiles = async (pluginsFolder: string): Promise<string[]> =>
  (await Promise.all(folders.map((folder) => filesIn(pluginsFolder, folder)))).flat();
