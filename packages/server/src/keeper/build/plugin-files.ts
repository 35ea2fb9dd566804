import { readdir } from "node:fs/promises";
import path from "node:path";
import { MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { isPluginFolder, isPluginPath, isPluginText } from "../../catalog/plugin-files.ts";
import { exists, readPluginFile } from "../../disk/files.ts";
import type { Finding } from "../../kit/check/types.ts";
import { createLocalSource } from "../../sources/local.ts";

/** The folder of a registry in which its plugins are. */
export const PLUGINS_FOLDER = "plugins";

const LIMITS = {
  maxFiles: 10_000,
  maxFileBytes: 8 * 1024 * 1024,
  maxBytes: 256 * 1024 * 1024,
  timeoutMs: 120_000,
};

/** A plugin file in the registry's folder, by its path with `/`. */
export interface PluginFile {
  file: string;
  /** What is published: the source, or the bundle of it. */
  bytes: Buffer;
  /** The absolute path of the source. */
  source: string;
  /** The name of the published file, if the source was bundled. */
  bundledAs?: string;
}

/** The path that a file would have if it were published beside its source. */
export const publishedPath = ({ file, bundledAs }: Pick<PluginFile, "file" | "bundledAs">): string =>
  bundledAs === undefined ? file : path.posix.join(path.posix.dirname(file), bundledAs);

/** What cannot be published, and what the keeper can do. */
export interface BuildProblem {
  file: string;
  reason: string;
  hint: string;
  /** Where in the sources a check found it. */
  finding?: Finding;
}

export interface FoundFiles {
  files: PluginFile[];
  problems: BuildProblem[];
}

/** Finds the plugin files of a registry, sorted by path. Tests, declarations and modules are left out. */
export const findPluginFiles = async (folder: string, signal?: AbortSignal): Promise<FoundFiles> => {
  const found: FoundFiles = { files: [], problems: [] };
  const root = path.join(folder, PLUGINS_FOLDER);
  const fields = { name: "plugins", provider: "local" as const, path: root };
  const options = { ...LIMITS, accepts: isPluginPath, enters: isPluginFolder, ...(signal && { signal }) };
  const tree = await createLocalSource().readTree?.(fields, options);
  if (!tree?.changed) return found;
  for (const one of tree.files) {
    const file = `${PLUGINS_FOLDER}/${one.path}`;
    if ("problem" in one)
      found.problems.push({ file, reason: one.problem, hint: "Make it smaller, or readable." });
    else if (isPluginText(one.path, one.bytes))
      found.files.push({ file, bytes: one.bytes, source: path.join(root, ...one.path.split("/")) });
  }
  return found;
};

/** The names of the plugin files directly in a folder. A file that is larger than a plugin may be is none. */
export const pluginsDirectlyIn = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && isPluginPath(entry.name)).map(({ name }) => name);
  const found: string[] = [];
  // One after another: a folder may have many large files.
  for (const name of names.sort()) {
    const bytes = await readPluginFile(path.join(folder, name));
    if (bytes && bytes.length <= MAX_ARTIFACT_FILE_BYTES && isPluginText(name, bytes)) found.push(name);
  }
  return found;
};

/** The plugin files directly in the folder of a registry, which no build reads. Those that `registry add` has taken in are left out. */
export const findLooseFiles = async (folder: string): Promise<string[]> => {
  const names = await pluginsDirectlyIn(folder);
  const taken = await Promise.all(names.map((name) => exists(path.join(folder, PLUGINS_FOLDER, name))));
  return names.filter((_, n) => !taken[n]);
};

/** Whether a file lies in a folder that is named as its version, so that it is published where it is. */
export const isInVersionFolder = (file: string, version: string): boolean =>
  path.posix.basename(path.posix.dirname(file)) === version;
