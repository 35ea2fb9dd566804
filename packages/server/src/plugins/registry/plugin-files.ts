import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Origin, PluginType } from "@hitagi/contract";
import { unlessMissing } from "../../disk/errno.ts";
import { runtimeFor } from "../../runtimes/runtimes.ts";
import type { Runtime } from "../../runtimes/types.ts";
import { OWN_FOLDER } from "../../store/contract/plugins.ts";

/** A file that may be a plugin, by its folder and name. */
export interface PluginFile {
  origin: Origin;
  /** Absolute. */
  file: string;
  /** Relative to the plugins folder, with `/`; null for a builtin. */
  path: string | null;
  runtime: Runtime;
  /** Links are not followed: they may lead to anything that the server can read. */
  isLink: boolean;
}

export interface PluginFolders {
  builtin: string;
  /** Holds Managed, Hitagi and Sideloaded. */
  plugins: string;
  runtimes: readonly Runtime[];
}

/** LANraragi's folder of each type, in Managed. */
export const typeFolders = {
  metadata: "Metadata",
  download: "Download",
  login: "Login",
  script: "Scripts",
} as const satisfies Record<PluginType, string>;

/** The folders that only installs from registries write to. */
const MANAGED = ["Managed", OWN_FOLDER].flatMap((parent) =>
  Object.values(typeFolders).map((folder) => `${parent}/${folder}`),
);

const SIDELOADED = "Sideloaded";

/** The names that can be installed. Other files are hidden, temporary, declarations or notes. */
const PLUGIN_NAME = /^[A-Za-z0-9_-]+\.[a-z]+$/;

/** The files and links of a folder, by name; none if it does not exist. */
const filesIn = async (folder: string): Promise<Dirent[]> => {
  const entries = (await unlessMissing(readdir(folder, { withFileTypes: true }))) ?? [];
  return entries.filter((entry) => !entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1));
};

const pluginsIn = async (
  runtimes: readonly Runtime[],
  origin: Origin,
  folder: string,
  relative: string | null,
): Promise<PluginFile[]> => {
  return (await filesIn(folder)).flatMap((entry): PluginFile[] => {
    const { name } = entry;
    const runtime = PLUGIN_NAME.test(name) ? runtimeFor(runtimes, name) : undefined;
    if (!runtime) return [];
    const relativePath = relative === null ? null : `${relative}/${name}`;
    return [
      { origin, file: path.join(folder, name), path: relativePath, runtime, isLink: entry.isSymbolicLink() },
    ];
  });
};

/** The plugin files in Sideloaded. */
export const findSideloaded = ({
  plugins,
  runtimes,
}: Pick<PluginFolders, "plugins" | "runtimes">): Promise<PluginFile[]> =>
  pluginsIn(runtimes, "sideloaded", path.join(plugins, SIDELOADED), SIDELOADED);

/** Every plugin file, in the order of its folders. */
export const findPluginFiles = async (folders: PluginFolders): Promise<PluginFile[]> => {
  const { runtimes, plugins, builtin } = folders;
  const found = await Promise.all([
    pluginsIn(runtimes, "builtin", builtin, null),
    ...MANAGED.map((folder) => pluginsIn(runtimes, "managed", path.join(plugins, folder), folder)),
    findSideloaded(folders),
  ]);
  return found.flat();
};

/** Every file in the folders that installs write to, relative to the plugins folder, with `/`. */
export const listPluginFiles = async (plugins: string): Promise<string[]> => {
  const lists = [...MANAGED, SIDELOADED].map(async (folder) =>
    (await filesIn(path.join(plugins, folder))).map(({ name }) => `${folder}/${name}`),
  );
  return (await Promise.all(lists)).flat();
};
