import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createLocalArtifacts } from "../artifacts/local.ts";
import type { Artifacts } from "../artifacts/types.ts";
import { makeFolder } from "../disk/folders.ts";
import { hashFile } from "../disk/sha256.ts";
import { isInstallPath } from "../install/steps/install-target.ts";
import type { PluginRecord, Provenance } from "../store/types.ts";
import type { Endpoint } from "../store-copy/endpoint.ts";

interface PluginFiles {
  /** The plugins folder. */
  folder: string;
  /** The versions that its files may be. */
  artifacts: Artifacts;
}

/** Removes the name first: in a snapshot it may be a second link to the server's own file. */
const replace = async (file: string, bytes: Buffer): Promise<void> => {
  await rm(file, { force: true });
  await makeFolder(path.dirname(file));
  await writeFile(file, bytes, { flag: "wx", flush: true });
};

/** @returns how the file differs from its record; undefined where it agrees, or was restored */
const restoreFile = async (
  { folder, artifacts }: PluginFiles,
  { path: relative, sha256 }: Provenance,
): Promise<string | undefined> => {
  if (!isInstallPath(relative)) return `${relative} is not a path of a plugin`;
  const actual = await hashFile(folder, relative);
  if (actual === sha256) return undefined;
  // Bytes of no vetted version may be the owner's own change, which stays.
  const mayReplace = actual === undefined || (await artifacts.read(actual)) !== undefined;
  const bytes = mayReplace ? await artifacts.read(sha256) : undefined;
  if (!bytes) return `${relative} ${actual ?? "missing"}`;
  await replace(path.join(folder, relative), bytes);
  return undefined;
};

/** Removes files of vetted versions that no record names: they were installed after the store was copied. */
const removeUnrecorded = async (
  { folder, artifacts }: PluginFiles,
  files: readonly string[],
): Promise<void> => {
  for (const file of files) {
    const actual = await hashFile(folder, file);
    if (actual !== undefined && (await artifacts.read(actual))) await rm(path.join(folder, file));
  }
};

/**
 * Makes plugin files agree with records that were copied a moment before them.
 * @param files all files of the folder, relative to it; those that no record names are removed
 * @returns the files that still differ, and how: the owner changed them, or they changed during the copy
 */
export const restorePluginFiles = async (
  plugins: PluginFiles,
  records: readonly Pick<PluginRecord, "provenance">[],
  files: readonly string[],
): Promise<string[]> => {
  const recorded = records.flatMap(({ provenance }) => provenance ?? []);
  const differences = await Promise.all(recorded.map((provenance) => restoreFile(plugins, provenance)));
  const paths = new Set(recorded.map((provenance) => provenance.path));
  const unrecorded = files.filter((file) => !paths.has(file));
  await removeUnrecorded(plugins, unrecorded);
  return differences.filter((difference) => difference !== undefined);
};

/**
 * Makes the plugin files of a data folder agree with the records that were copied into its store. Files that the owner
 * changed, and files that no record names, stay. Does nothing for a store without a data folder: its servers do it at their start.
 * @param folder the plugins folder, where it is not in the data folder
 * @throws the file system's error
 */
export const restoreCopiedPlugins = async (
  { port, data }: Pick<Endpoint, "port" | "data">,
  folder: string | undefined,
): Promise<void> => {
  if (data === undefined) return;
  const artifacts = createLocalArtifacts(path.join(data, "artifacts"));
  const plugins = { folder: folder ?? path.join(data, "plugins"), artifacts };
  for await (const { records } of port.kinds.plugins.pages()) await restorePluginFiles(plugins, records, []);
};
