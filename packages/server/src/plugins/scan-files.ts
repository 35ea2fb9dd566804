import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Origin } from "@hitagi/contract";
import { runtimeFor } from "../runtimes/runtimes.ts";
import type { Runtime } from "../runtimes/types.ts";

/** A file that may be a plugin, by its place and name. */
export interface PluginFile {
  origin: Origin;
  /** Absolute. */
  file: string;
  /** Relative to the plugins folder, with `/`; null for a builtin. */
  path: string | null;
  runtime: Runtime;
}

export interface PluginFolders {
  builtin: string;
  /** Holds Managed and Sideloaded. */
  plugins: string;
  runtimes: readonly Runtime[];
}

/** LANraragi's folders of managed plugins. */
const MANAGED = ["Metadata", "Download", "Login", "Scripts"].map((type) => `Managed/${type}`);

/** The names that can be installed. Anything else is no plugin: hidden, temporary, a declaration, a note. */
const PLUGIN_NAME = /^[A-Za-z0-9_-]+\.[a-z]+$/;

/** Every plugin file there is, in the order of its folders. A folder that does not exist has none. */
export const findPluginFiles = async (folders: PluginFolders): Promise<PluginFile[]> => {
  const inFolder = async (origin: Origin, folder: string, relative: string | null) => {
    const names = await pluginNames(folder);
    return names.flatMap((name): PluginFile[] => {
      const runtime = runtimeFor(folders.runtimes, name);
      const place = relative === null ? null : `${relative}/${name}`;
      return runtime ? [{ origin, file: path.join(folder, name), path: place, runtime }] : [];
    });
  };
  const under = (origin: Origin, relative: string) =>
    inFolder(origin, path.join(folders.plugins, relative), relative);
  const found = await Promise.all([
    inFolder("builtin", folders.builtin, null),
    ...MANAGED.map((folder) => under("managed", folder)),
    under("sideloaded", "Sideloaded"),
  ]);
  return found.flat();
};

const pluginNames = async (folder: string): Promise<string[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && PLUGIN_NAME.test(entry.name))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
};
