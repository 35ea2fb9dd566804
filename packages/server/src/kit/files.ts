import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { isArchiveName } from "../library/filename.ts";

/** The endings of plugin files. */
export const isPluginName = (name: string): boolean =>
  /\.(ts|js|mjs|pm)$/i.test(name) && !/\.(test|spec|config|d)\.[a-z]+$/i.test(name);

/** A file in the folder of a plugin. The folder may be another's, so below it no link is followed. */
export interface FileBelow {
  /** Absolute. */
  folder: string;
  /** Relative to the folder, with `/`. */
  name: string;
}

/** Where the requests of a plugin are recorded: beside it, so that they are a part of its sources. */
export const recordingFile = (file: string): FileBelow => ({
  folder: path.dirname(file),
  name: `recordings/${path.parse(file).name}.json`,
});

/** Where the results of the last run are kept. */
export const lastRunFile = (file: string): FileBelow => ({
  folder: path.dirname(file),
  name: `recordings/${path.parse(file).name}.last.json`,
});

/** The tests of a plugin, where one is expected. */
export const testFiles = (file: string): string[] => {
  const { dir, name } = path.parse(file);
  const endings = ["test.ts", "test.mjs", "test.js"];
  return [dir, path.join(dir, "test"), path.join(dir, "tests")].flatMap((folder) =>
    endings.map((ending) => path.join(folder, `${name}.${ending}`)),
  );
};

/** The archives in the samples beside a plugin. */
export const sampleFiles = async (file: string): Promise<string[]> => {
  const folder = path.join(path.dirname(file), "samples");
  const names = await readdir(folder).catch(() => []);
  return names
    .filter(isArchiveName)
    .sort()
    .map((name) => path.join(folder, name));
};

/** Folders without sources; `artifacts` is what a registry has published of them. */
const SKIPPED = /^(\.|node_modules$|vendor$|recordings$|samples$|dist$|artifacts$|tests?$)/;

/** A plugin has a default export with a namespace; other sources in its folder are parts of it. */
const isPluginText = (name: string, text: string): boolean =>
  /\.pm$/i.test(name)
    ? /\bsub\s+plugin_info\b/.test(text)
    : /\bexport\s+default\b|\bas\s+default\b/.test(text) && /\bnamespace\b/.test(text);

/**
 * The plugin files of a folder and all below, by path; of a file, it alone.
 * @throws the file system's error
 */
export const pluginFiles = async (place: string): Promise<string[]> => {
  if (!(await stat(place)).isDirectory()) return [place];
  const entries = await readdir(place, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !SKIPPED.test(name))
      .map(async (entry) => {
        const file = path.join(place, entry.name);
        if (entry.isDirectory()) return pluginFiles(file);
        if (!entry.isFile() || !isPluginName(entry.name)) return [];
        return isPluginText(entry.name, await readFile(file, "utf8")) ? [file] : [];
      }),
  );
  return found.flat().sort();
};
