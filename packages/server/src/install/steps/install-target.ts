import path from "node:path";
import { HitagiError, type PluginType } from "@hitagi/contract";
import { typeFolders } from "../../plugins/registry/plugin-files.ts";
import { runtimeFor } from "../../runtimes/runtimes.ts";
import type { Runtime } from "../../runtimes/types.ts";

/** Where an artifact goes and what runs it. */
export interface InstallTarget {
  /** The bare file name. */
  filename: string;
  /** Relative to the plugins folder, with `/`. */
  path: string;
  runtime: Runtime;
}

/** Records may come from another program, and installs put files nowhere else. */
const installPlace = new RegExp(
  `^(?:Managed/(?:${Object.values(typeFolders).join("|")})|Sideloaded)/[^/\\\\]+$`,
);

/** Whether a path, relative to the plugins folder, is one that an install puts a file at. */
export const isInstallPath = (file: string): boolean => installPlace.test(file) && !/\/\.{1,2}$/.test(file);

/** The names that LANraragi's registry takes, with the extensions of every runtime that this project knows of. */
const fileName = /^[A-Za-z0-9_-]+\.(?:ts|js|mjs|pm)$/;

/** @throws HitagiError ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE */
export const runtimeForFile = async (filename: string, runtimes: readonly Runtime[]): Promise<Runtime> => {
  if (!fileName.test(filename)) throw new HitagiError("ARTIFACT_NAME_INVALID", { file: filename });
  const unavailable = (reason: string) => new HitagiError("RUNTIME_UNAVAILABLE", { file: filename, reason });
  const runtime = runtimeFor(runtimes, filename);
  if (!runtime) throw unavailable(`no runtime for ${path.posix.extname(filename)} files is enabled`);
  const reason = await runtime.unavailable();
  if (reason !== undefined) throw unavailable(reason);
  return runtime;
};

/**
 * The place of a registry's artifact: `Managed/<type's folder>/<file>`.
 * @param artifact its path in the registry, of which only the last segment counts
 * @throws HitagiError ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE
 */
export const managedTarget = async (
  artifact: string,
  type: PluginType,
  runtimes: readonly Runtime[],
): Promise<InstallTarget> => {
  const filename = path.posix.basename(artifact);
  const runtime = await runtimeForFile(filename, runtimes);
  return { filename, path: `Managed/${typeFolders[type]}/${filename}`, runtime };
};

/**
 * The place of an uploaded file: `Sideloaded/<file>`. The name is taken as it is: one with a folder is refused.
 * @throws HitagiError ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE
 */
export const sideloadedTarget = async (
  filename: string,
  runtimes: readonly Runtime[],
): Promise<InstallTarget> => ({
  filename,
  path: `Sideloaded/${filename}`,
  runtime: await runtimeForFile(filename, runtimes),
});
