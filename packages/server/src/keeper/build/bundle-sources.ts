import path from "node:path";
import { BundleError, bundlePlugin } from "../../kit/bundle/bundle.ts";
import { parseVersion } from "../../semantic-version.ts";
import type { BuildProblem, PluginFile } from "./plugin-files.ts";

/** A source that imports more than types. A match in a text or a comment costs only time. */
const IMPORTS = /\bimport\b(?!\s+type\b)|\bexport\b[^;]*\bfrom\b/;

/** A file in a folder that is named as its version is published where it is, so it must be one file already. */
const isPublishedInPlace = (file: string): boolean =>
  parseVersion(path.posix.basename(path.posix.dirname(file))) !== undefined;

/** Plugin files as they are published. */
export interface BundledFiles {
  files: PluginFile[];
  problems: BuildProblem[];
  /** The path of the source of each bundle, by the path of the bundle. */
  sources: ReadonlyMap<string, string>;
}

const bundleOf = async (folder: string, { file }: PluginFile): Promise<PluginFile> => {
  const { filename, code } = await bundlePlugin(path.join(folder, ...file.split("/")));
  return { file: `${path.posix.dirname(file)}/${filename}`, bytes: code };
};

/**
 * Makes one file of each plugin that imports others, with `.js` in place of its ending; all other files stay as they are.
 * @throws the file system's error
 */
export const bundleSources = async (folder: string, given: readonly PluginFile[]): Promise<BundledFiles> => {
  const files: PluginFile[] = [];
  const problems: BuildProblem[] = [];
  const sources = new Map<string, string>();
  for (const one of given) {
    const isAlone = one.file.endsWith(".pm") || !IMPORTS.test(one.bytes.toString("utf8"));
    if (isAlone || isPublishedInPlace(one.file)) {
      files.push(one);
      continue;
    }
    try {
      const bundled = await bundleOf(path.resolve(folder), one);
      files.push(bundled);
      sources.set(bundled.file, one.file);
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      for (const { message, hint, line } of error.problems)
        problems.push({ file: one.file, reason: `line ${line}: ${message}`, hint });
    }
  }
  return { files, problems, sources };
};
