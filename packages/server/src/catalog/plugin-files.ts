import { relativePathProblem } from "../sources/relative-path.ts";

/** The deepest folder of a plugin file. */
const MAX_DEPTH = 12;
const EXTENSION = /\.(?:pm|ts|mjs|js)$/;
/** Declarations, tests and settings of tools. */
const NO_PLUGIN = /\.(?:d|test|spec|config)\.[a-z]+$/;
/** Folders of tests and of other projects' code. */
const SKIPPED: ReadonlySet<string> = new Set([
  "node_modules",
  "test",
  "tests",
  "t",
  "__tests__",
  "spec",
  "blib",
]);

/** Whether plugins may be in a folder of a repository, by its path. */
export const isPluginFolder = (folder: string): boolean => {
  const names = folder.split("/");
  return (
    names.length <= MAX_DEPTH &&
    !names.some((name) => name.startsWith(".") || SKIPPED.has(name.toLowerCase()))
  );
};

/** Whether a file of a repository may be a plugin, by its path. */
export const isPluginPath = (file: string): boolean => {
  const end = file.lastIndexOf("/");
  const name = file.slice(end + 1);
  return (
    EXTENSION.test(name) &&
    !NO_PLUGIN.test(name) &&
    !name.startsWith(".") &&
    (end < 0 || isPluginFolder(file.slice(0, end))) &&
    relativePathProblem(file) === undefined
  );
};

/** Whether a file has the words that every plugin of its language has. A module that plugins use does not have them. */
export const isPluginText = (file: string, bytes: Buffer): boolean =>
  file.endsWith(".pm")
    ? bytes.includes("plugin_info")
    : ["default", "namespace"].every((word) => bytes.includes(word));
