import { chmod, mkdtemp, readdir, rename, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { archiveBytes } from "@hitagi/sdk/testing";
import { unlessMissing, unlessTaken } from "../../disk/errno.ts";
import { inFolderBelow } from "../../disk/files-below.ts";
import { makeFolder } from "../../disk/folders.ts";
import { removeBelow } from "../../disk/regular-files.ts";
import { pipelines } from "./pipelines.ts";
import { type NewPlugin, pluginSource, recordingSource, testSource } from "./plugin-source.ts";
import { gitignore, packageJson, readme, SDK_FOLDER, tsconfig } from "./project-files.ts";
import { programFolder, sdkFiles } from "./sdk-files.ts";

/** The folder of a new plugin holds something already. */
export class FolderInUse extends Error {
  readonly folder: string;
  constructor(folder: string) {
    super(`${folder} is not empty.`);
    this.name = new.target.name;
    this.folder = folder;
  }
}

/** Every file of a new plugin by its path. */
const filesOf = async (plugin: NewPlugin): Promise<Map<string, string | Uint8Array>> => {
  const { namespace, type } = plugin;
  const sample = archiveBytes({
    pages: 3,
    comicInfo: { Title: "The Snail and the Moon", Series: "Night Walks", Number: 3, Writer: "A. Author" },
  });
  return new Map<string, string | Uint8Array>([
    [`${namespace}.ts`, pluginSource(plugin)],
    [`${namespace}.test.mjs`, testSource(plugin)],
    [`recordings/${namespace}.json`, recordingSource(plugin)],
    ...(type === "metadata" ? ([["samples/comic.cbz", sample]] as const) : []),
    ["tsconfig.json", tsconfig()],
    ["package.json", packageJson(plugin)],
    ["README.md", readme(plugin)],
    [".gitignore", gitignore()],
    ...Object.entries(pipelines).map(([name, pipeline]) => [name, pipeline(plugin)] as const),
    ...(await sdkFiles()),
  ]);
};

/**
 * Makes tests run before `npm install`: the SDK and this program as npm would link them. A folder in the place of a link is a package
 * that npm installed, and stays.
 * @throws LinkBelowError where node_modules or a folder in it is a link; the file system's error
 */
export const linkPackages = async (folder: string): Promise<void> => {
  const links: [parent: string, name: string, target: string][] = [
    ["node_modules/@hitagi", "sdk", path.join("..", "..", ...SDK_FOLDER.split("/"))],
    ["node_modules", "hitagi", programFolder()],
  ];
  for (const [parent, name, target] of links)
    await inFolderBelow(folder, parent, async (place) => {
      await removeBelow(folder, `${parent}/${name}`);
      // On Windows only a junction needs no right, and it must be absolute.
      const isWindows = process.platform === "win32";
      await symlink(
        isWindows ? path.resolve(place, target) : target,
        path.join(place, name),
        isWindows ? "junction" : "dir",
      ).catch(unlessTaken);
    });
};

const isEmpty = async (folder: string): Promise<boolean> => {
  const names = await unlessMissing(readdir(folder));
  return names === undefined || names.length === 0;
};

/**
 * Writes the folder of a new plugin. It appears whole, or not at all.
 * @param folder absolute; missing or empty
 * @returns the paths of its files, without those of the SDK
 * @throws FolderInUse; the file system's error
 */
export const writeNewPlugin = async (plugin: NewPlugin, folder: string): Promise<string[]> => {
  if (!(await isEmpty(folder))) throw new FolderInUse(folder);
  const files = await filesOf(plugin);
  const above = path.dirname(folder);
  await makeFolder(above);
  const made = await mkdtemp(path.join(above, `.${path.basename(folder)}-`));
  try {
    for (const [name, content] of files) {
      const file = path.join(made, name);
      await makeFolder(path.dirname(file));
      await writeFile(file, content);
    }
    await linkPackages(made);
    await chmod(made, 0o755);
    await unlessMissing(rmdir(folder));
    await rename(made, folder);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
  return [...files.keys()].filter((name) => !name.startsWith(`${SDK_FOLDER}/`));
};
