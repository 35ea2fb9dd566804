import path from "node:path";
import { BundleError, type BundleProblem, bundlePlugin } from "../../kit/bundle/bundle.ts";
import type { Finding } from "../../kit/check/types.ts";
import { parseVersion } from "../../semantic-version.ts";
import type { BuildProblem, FoundFiles, PluginFile } from "./plugin-files.ts";

/** A source that imports more than types. A match in a text or a comment costs only time. */
const IMPORTS = /\bimport\b(?!\s+type\b)|\bexport\b[^;]*\bfrom\b/;

/** A file in a folder that is named as its version is published where it is, so it must be one file already. */
const isPublishedInPlace = (file: string): boolean =>
  parseVersion(path.posix.basename(path.posix.dirname(file))) !== undefined;

const isSource = ({ file, bytes }: PluginFile): boolean =>
  !isPublishedInPlace(file) && !file.endsWith(".pm") && IMPORTS.test(bytes.toString("utf8"));

const findingOf = (base: string, { source }: PluginFile, problem: BundleProblem): Finding => {
  const { message, hint, line, column } = problem;
  const at = problem.file === undefined ? source : path.resolve(path.dirname(source), problem.file);
  const file = path.relative(base, at).replaceAll(path.sep, "/");
  return { file, line, column, rule: "bundle", severity: "error", message, hint };
};

/**
 * Bundles the sources that import others, as `hitagi pack` does: the same sources give the same bytes.
 * @param base findings name files relative to this folder
 */
export const bundleSources = async ({ files, problems }: FoundFiles, base: string): Promise<FoundFiles> => {
  const bundled: FoundFiles = { files: [], problems: [...problems] };
  for (const one of files) {
    if (!isSource(one)) {
      bundled.files.push(one);
      continue;
    }
    try {
      const { code, filename, isBundled } = await bundlePlugin(one.source);
      bundled.files.push(isBundled ? { ...one, bytes: code, bundledAs: filename } : one);
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      bundled.problems.push(
        ...error.problems.map((problem): BuildProblem => {
          const { message: reason, hint } = problem;
          return { file: one.file, reason, hint, finding: findingOf(base, one, problem) };
        }),
      );
    }
  }
  return bundled;
};
