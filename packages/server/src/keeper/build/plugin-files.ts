import { readdir } from "node:fs/promises";
import path from "node:path";
import { isPluginFolder, isPluginPath, isPluginText } from "../../catalog/plugin-files.ts";
import { codeOf } from "../../disk/errno.ts";
import { exists, readIfThere } from "../../disk/files.ts";
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

/** The plugin files directly in the folder of a registry, which no build reads. Those that `registry add` has taken in are left out. */
export const findLooseFiles = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && isPluginPath(entry.name)).map(({ name }) => name);
  const loose = await Promise.all(
    names.map(async (name) => {
      const bytes = await readIfThere(path.join(folder, name));
      const isTaken = await exists(path.join(folder, PLUGINS_FOLDER, name));
      return bytes && isPluginText(name, bytes) && !isTaken ? [name] : [];
    }),
  );
  return loose.flat().sort();
};

/** Whether a file lies in a folder that is named as its version, so that it is published where it is. */
export const isInVersionFolder = (file: string, version: string): boolean =>
  path.posix.basename(path.posix.dirname(file)) === version;

/** The folder of a plugin's own texts; undefined for a file directly in the folder of all plugins. */
const textFolder = (file: string, version: string): string | undefined => {
  const own = path.posix.dirname(file);
  const folder = isInVersionFolder(file, version) ? path.posix.dirname(own) : own;
  return folder === PLUGINS_FOLDER ? undefined : folder;
};

const readText = async (folder: string, file: string): Promise<string | undefined> => {
  try {
    const text = (await readIfThere(path.join(folder, file)))
      ?.toString("utf8")
      .replaceAll("\r\n", "\n")
      .trim();
    return text === "" ? undefined : text;
  } catch (error) {
    if (codeOf(error) === "NOT_REGULAR") return undefined;
    throw error;
  }
};

/**
 * The text of a plugin: `README.md` or `CHANGELOG.md` in its own folder, or `<plugin>.md` and `<plugin>.changelog.md` beside it.
 * @param kind which of both
 */
export const readPluginText = async (
  folder: string,
  file: string,
  version: string,
  kind: "readme" | "changelog",
): Promise<string | undefined> => {
  const { dir, name } = path.posix.parse(file);
  const beside = await readText(folder, `${dir}/${name}${kind === "readme" ? "" : ".changelog"}.md`);
  const own = textFolder(file, version);
  return beside ?? (own === undefined ? undefined : readText(folder, `${own}/${kind.toUpperCase()}.md`));
};

const HEADING = /^(#{1,4}) +(.*)$/;

/** The part of a changelog below the heading that names a version, as keepachangelog.com writes it. */
export const changelogOf = (changelog: string, version: string): string | undefined => {
  const lines = changelog.split("\n");
  const names = (title: string): boolean =>
    title.split(/[\s[\](),]+/).some((word) => word.replace(/^v/, "") === version);
  const start = lines.findIndex((line) => names(HEADING.exec(line)?.[2] ?? ""));
  if (start < 0) return undefined;
  const level = HEADING.exec(lines[start] ?? "")?.[1]?.length ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex(
    (line) => (HEADING.exec(line)?.[1]?.length ?? Number.POSITIVE_INFINITY) <= level,
  );
  const text = (end < 0 ? rest : rest.slice(0, end)).join("\n").trim();
  return text === "" ? undefined : text;
};
