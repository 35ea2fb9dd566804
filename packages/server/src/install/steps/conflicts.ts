import { readdir, statfs } from "node:fs/promises";
import path from "node:path";
import { HitagiError, MAX_ARTIFACT_BYTES, type Namespace } from "@hitagi/contract";
import { isMissing, unlessMissing } from "../../disk/errno.ts";
import { hashFile } from "../../disk/sha256.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstallRequest } from "../types.ts";
import type { CurrentState, InstalledFile } from "./current-state.ts";

/** A plugin of another origin owns the namespace, also with force. */
export const namespaceTaken = (current: CurrentState, ...origins: string[]): HitagiError | undefined =>
  current.origin && origins.includes(current.origin)
    ? new HitagiError("NAMESPACE_TAKEN", { namespace: current.namespace, origin: current.origin, where: "" })
    : undefined;

/**
 * A rejected file in Sideloaded has this namespace: after the next start neither would run.
 * @param wanted the target path, relative to the plugins folder
 */
export const namespaceClash = async (
  deps: InstallDeps,
  { namespace, installed }: CurrentState,
  wanted: string,
): Promise<HitagiError | undefined> => {
  const claiming = await deps.rejectedFiles.claiming(namespace);
  const clash = claiming.find(({ path: file }) => file !== installed?.path && file !== wanted);
  if (!clash) return undefined;
  const where = ` (${clash.path}, which is not run)`;
  return new HitagiError("NAMESPACE_TAKEN", { namespace, origin: "sideloaded", where });
};

/** Whether the registry is gone, and another one publishes the installed bytes. */
const isRelinked = async (deps: InstallDeps, { installed, registry }: CurrentState, sha256: string) =>
  installed?.sha256 === sha256 && registry !== null && !(await deps.store.registries.get(registry));

/**
 * The plugin was installed from another registry. If that registry is gone, one that publishes the same bytes may replace it: a
 * registry that was removed and added again has a new id.
 */
export const otherRegistry = async (
  deps: InstallDeps,
  current: CurrentState,
  { registry, force = false }: Pick<InstallRequest, "registry" | "force">,
  sha256: string,
): Promise<HitagiError | undefined> => {
  if (current.origin !== "managed" || current.registry === registry || force) return undefined;
  if (await isRelinked(deps, current, sha256)) return undefined;
  const { namespace } = current;
  return new HitagiError("OTHER_REGISTRY", { namespace, registry: current.registry ?? "unknown" });
};

const ownerOf = async (
  deps: InstallDeps,
  file: string,
  namespace: Namespace,
): Promise<string | undefined> => {
  const recorded = await deps.store.plugins.ownersOf(file);
  const active = deps.active.list().filter(({ path: other }) => other?.toLowerCase() === file.toLowerCase());
  return [...recorded, ...active.map((plugin) => plugin.namespace)].find((owner) => owner !== namespace);
};

/** The path of a file in the folder with this name in any case. */
const onDisk = async (folder: string, file: string): Promise<string | undefined> => {
  const names = (await unlessMissing(readdir(path.join(folder, path.posix.dirname(file))))) ?? [];
  const name = path.posix.basename(file).toLowerCase();
  const found = names.find((n) => n.toLowerCase() === name);
  return found && `${path.posix.dirname(file)}/${found}`;
};

/** Another plugin owns the file, or no record names it. An unrecorded file is overwritten only with the same bytes. */
export const fileTaken = async (
  deps: InstallDeps,
  current: CurrentState,
  wanted: InstalledFile,
): Promise<HitagiError | undefined> => {
  const taken = (owner: string) => new HitagiError("FILE_TAKEN", { file: wanted.path, owner });
  const owner = await ownerOf(deps, wanted.path, current.namespace);
  if (owner) return taken(owner);
  const found = await onDisk(deps.pluginsFolder, wanted.path);
  if (!found || found.toLowerCase() === current.installed?.path.toLowerCase()) return undefined;
  const same = found === wanted.path && (await hashFile(deps.pluginsFolder, found)) === wanted.sha256;
  return same ? undefined : taken("(unknown: no record names this file)");
};

/** The staged file, its copy among the artifacts, and space for store and journal. */
const NEEDED_BYTES = 4 * MAX_ARTIFACT_BYTES;

const freeBytes = async (folder: string): Promise<number> => {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (e) {
    if (isMissing(e) && path.dirname(folder) !== folder) return freeBytes(path.dirname(folder));
    throw e;
  }
};

/** The error if a disk has too little space for an install. */
export const diskFull = async (deps: InstallDeps): Promise<HitagiError | undefined> => {
  const free = await Promise.all([deps.stagingFolder, deps.pluginsFolder].map(freeBytes));
  return Math.min(...free) < NEEDED_BYTES ? new HitagiError("DISK_FULL") : undefined;
};
