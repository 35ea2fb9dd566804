import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import type { Resolved } from "../../catalog/types.ts";
import { typeFolders } from "../../plugins/registry/plugin-files.ts";
import { runtimeFor } from "../../runtimes/runtimes.ts";
import type { Runtime } from "../../runtimes/types.ts";
import { OWN_FOLDER } from "../../store/contract/plugins.ts";

/** Where a plugin's file is installed, and the runtime that runs it. */
export interface InstallTarget {
  /** The bare file name. */
  filename: string;
  /** Relative to the plugins folder, with `/`. */
  path: string;
  runtime: Runtime;
}

/** The only paths of installed files. The record of another program may name any path. */
const installPath = new RegExp(
  `^(?:(?:Managed|${OWN_FOLDER})/(?:${Object.values(typeFolders).join("|")})|Sideloaded)/[^/\\\\]+$`,
);

/** Whether a path, relative to the plugins folder, may be that of an installed file. */
export const isInstallPath = (file: string): boolean => installPath.test(file) && !/\/\.{1,2}$/.test(file);

/** The file names of LANraragi's registry, with the extensions of all runtimes. */
const fileName = /^[A-Za-z0-9_-]+\.(?:ts|js|mjs|pm)$/;

/** @throws HitagiError ARTIFACT_NAME_INVALID, also for a name with a folder; RUNTIME_UNAVAILABLE */
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
 * The target of a registry's artifact: `Managed/<type's folder>/<file>`, or in Hitagi's own folder for a generated index.
 * Only the last segment of its path in the registry counts.
 * @throws HitagiError ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE
 */
export const managedTarget = async (
  { plugin, version, isGenerated }: Resolved,
  runtimes: readonly Runtime[],
): Promise<InstallTarget> => {
  const filename = path.posix.basename(version.artifact);
  const runtime = await runtimeForFile(filename, runtimes);
  const folder = isGenerated ? OWN_FOLDER : "Managed";
  return { filename, path: `${folder}/${typeFolders[plugin.type]}/${filename}`, runtime };
};
