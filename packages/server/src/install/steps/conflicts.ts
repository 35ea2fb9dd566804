import { readdir } from "node:fs/promises";
import path from "node:path";
import { HitagiError, type Namespace } from "@hitagi/contract";
import { isMissing } from "../../disk/errno.ts";
import { hashFile } from "../../disk/sha256.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstallRequest } from "../types.ts";
import type { CurrentState, InstalledFile } from "./current-state.ts";

/** A plugin of another origin owns the namespace: force does not help. */
export const namespaceTaken = (current: CurrentState, ...origins: string[]): HitagiError | undefined =>
  current.origin && origins.includes(current.origin)
    ? new HitagiError("NAMESPACE_TAKEN", {
        namespace: current.namespace,
        origin: current.origin,
        where: "",
      })
    : undefined;

/**
 * Another file in Sideloaded, which is not in force, says that it is this namespace: after the next start neither
 * would run.
 * @param wanted where the plugin is to be placed, relative to the plugins folder
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

/** Whether its registry is gone, and the very bytes that are in place are to come from another one. */
const isRelinked = async (deps: InstallDeps, { installed, registry }: CurrentState, sha256: string) =>
  installed?.sha256 === sha256 && registry !== null && !(await deps.store.registries.get(registry));

/**
 * A managed plugin came from another registry. Where that is gone, one that publishes the version in place, byte for byte,
 * may take over: a registry that was removed and added again has a new id.
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
): Promise<Namespace | undefined> => {
  const recorded = await deps.store.plugins.ownersOf(file);
  const active = deps.active.list().filter(({ path: other }) => other?.toLowerCase() === file.toLowerCase());
  return [...recorded, ...active.map((plugin) => plugin.namespace)].find((owner) => owner !== namespace);
};

/** The file of that name, in any case, that lies in the folder. */
const onDisk = async (folder: string, file: string): Promise<string | undefined> => {
  const names = await readdir(path.join(folder, path.posix.dirname(file))).catch((e: unknown) => {
    if (isMissing(e)) return [];
    throw e;
  });
  const name = path.posix.basename(file).toLowerCase();
  const found = names.find((n) => n.toLowerCase() === name);
  return found && `${path.posix.dirname(file)}/${found}`;
};

/**
 * Another plugin owns the file, or a file that no record names lies there. The latter is somebody's work, so it is
 * never overwritten, unless it is the same.
 */
export const fileTaken = async (
  deps: InstallDeps,
  current: CurrentState,
  wanted: InstalledFile,
): Promise<HitagiError | undefined> => {
  const taken = (owner: Namespace) => new HitagiError("FILE_TAKEN", { file: wanted.path, owner });
  const owner = await ownerOf(deps, wanted.path, current.namespace);
  if (owner) return taken(owner);
  const found = await onDisk(deps.pluginsFolder, wanted.path);
  if (!found || found.toLowerCase() === current.installed?.path.toLowerCase()) return undefined;
  const same = found === wanted.path && (await hashFile(deps.pluginsFolder, found)) === wanted.sha256;
  return same ? undefined : taken("(unknown: no record names this file)");
};
