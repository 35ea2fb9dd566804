import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Origin } from "@hitagi/contract";
import { isMissing } from "../../disk/errno.ts";
import { runtimeFor } from "../../runtimes/runtimes.ts";
import type { Runtime } from "../../runtimes/types.ts";

/** A file that may be a plugin, by its place and name. */
export interface PluginFile {
  origin: Origin;
  /** Absolute. */
  file: string;
  /** Relative to the plugins folder, with `/`; null for a builtin. */
  path: string | null;
  runtime: Runtime;
  /** Such a one is not followed: it may lead to anything that the server can read. */
  isLink: boolean;
}

export interface PluginFolders {
  builtin: string;
  /** Holds Managed and Sideloaded. */
  plugins: string;
  runtimes: readonly Runtime[];
}

/** LANraragi's folders of managed plugins. */
const MANAGED = ["Metadata", "Download", "Login", "Scripts"].map((type) => `Managed/${type}`);

const SIDELOADED = "Sideloaded";

/** The names that can be installed. Anything else is no plugin: hidden, temporary, a declaration, a note. */
const PLUGIN_NAME = /^[A-Za-z0-9_-]+\.[a-z]+$/;

type Runtimes = PluginFolders["runtimes"];

const filesIn = async (
  runtimes: Runtimes,
  origin: Origin,
  folder: string,
  relative: string | null,
): Promise<PluginFile[]> => {
  const entries = await pluginEntries(folder);
  return entries.flatMap((entry): PluginFile[] => {
    const { name } = entry;
    const runtime = runtimeFor(runtimes, name);
    const place = relative === null ? null : `${relative}/${name}`;
    const isLink = entry.isSymbolicLink();
    return runtime ? [{ origin, file: path.join(folder, name), path: place, runtime, isLink }] : [];
  });
};

/** The plugin files that lie in Sideloaded now. */
export const findSideloaded = ({
  plugins,
  runtimes,
}: Pick<PluginFolders, "plugins" | "runtimes">): Promise<PluginFile[]> =>
  filesIn(runtimes, "sideloaded", path.join(plugins, SIDELOADED), SIDELOADED);

/** Every plugin file there is, in the order of its folders. A folder that does not exist has none. */
export const findPluginFiles = async (folders: PluginFolders): Promise<PluginFile[]> => {
  const { runtimes, plugins, builtin } = folders;
  const found = await Promise.all([
    filesIn(runtimes, "builtin", builtin, null),
    ...MANAGED.map((folder) => filesIn(runtimes, "managed", path.join(plugins, folder), folder)),
    findSideloaded(folders),
  ]);
  return found.flat();
};

const entriesOf = async (folder: string): Promise<Dirent[]> => {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

const pluginEntries = async (folder: string): Promise<Dirent[]> =>
  (await entriesOf(folder))
    .filter((entry) => !entry.isDirectory() && PLUGIN_NAME.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Whether a folder has nothing that is not hidden, as where a disk is not mounted. */
export const isBare = async (folder: string): Promise<boolean> =>
  (await entriesOf(folder)).every((entry) => entry.name.startsWith("."));
