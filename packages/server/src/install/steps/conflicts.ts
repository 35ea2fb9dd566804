import { readdir, statfs } from "node:fs/promises";
import path from "node:path";
import { HitagiError, MAX_ARTIFACT_BYTES, type Namespace } from "@hitagi/contract";
import { isSameVersion, type SeenVersion } from "../../catalog/seen-versions.ts";
import type { Resolved } from "../../catalog/types.ts";
import { isBeyondHold, noteText } from "../../catalog/update-choices.ts";
import { compareVersions } from "../../catalog/version-choice.ts";
import { isMissing, unlessMissing } from "../../disk/errno.ts";
import { hashFile } from "../../disk/sha256.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstallRequest } from "../types.ts";
import type { CurrentState, InstalledFile } from "./current-state.ts";

/** As LANraragi says it: its clients look for these words. */
const REMOVE_FIRST = " Remove it first before installing from a registry";

/**
 * A plugin of another origin owns the namespace, also with force.
 * @param remedy what replaces a plugin that is no builtin, as a sentence
 */
export const namespaceTaken = (
  { namespace, origin }: CurrentState,
  remedy: string,
  ...origins: string[]
): HitagiError | undefined =>
  origin && origins.includes(origin)
    ? new HitagiError("NAMESPACE_TAKEN", {
        namespace,
        origin,
        advice: origin === "sideloaded" ? `${REMOVE_FIRST}.` : "",
        remedy: origin === "builtin" ? "Choose another plugin." : remedy,
      })
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
  const advice = `${REMOVE_FIRST}: its file is ${clash.path}, which is not run.`;
  const remedy = "Remove that file, or choose another plugin.";
  return new HitagiError("NAMESPACE_TAKEN", { namespace, origin: "sideloaded", advice, remedy });
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
  const { namespace, registry: owner, version = "unknown" } = current;
  const { name = "A registry that is gone" } = (owner && (await deps.store.registries.get(owner))) || {};
  return new HitagiError("OTHER_REGISTRY", { namespace, registry: owner ?? "unknown", name, version });
};

/**
 * The hashes of a version that were installed from this registry; and of a registry that is gone, also those that differ in build
 * metadata only, since its memory is gone too.
 */
const keptOf = async (deps: InstallDeps, { registry, plugin, version }: Resolved): Promise<SeenVersion[]> => {
  const kept = await deps.store.plugins.versions(plugin.namespace);
  const same = kept.filter((one) => one.registry !== null && isSameVersion(one.version, version.version));
  const isGone = async (id: string) => !(await deps.store.registries.get(id));
  const known: SeenVersion[] = [];
  for (const { version: name, registry: from, sha256, installed: since } of same) {
    const counts = from === registry ? name === version.version : await isGone(from ?? "");
    if (counts) known.push({ version: name, sha256, since });
  }
  return known;
};

/**
 * The version has other bytes than when it was first seen, and its owner has not installed these since. Build metadata makes no
 * other version: a plain install takes `1.0.0+x` in place of `1.0.0`. Those that came together have each its own bytes.
 */
export const versionChanged = async (
  deps: InstallDeps,
  { acceptChanged = false }: Pick<InstallRequest, "acceptChanged">,
  resolved: Resolved,
): Promise<HitagiError | undefined> => {
  // A generated index says by build metadata that a file has changed.
  if (acceptChanged || resolved.isGenerated) return undefined;
  const { namespace } = resolved.plugin;
  const { version, sha256 } = resolved.version;
  const kept = await keptOf(deps, resolved);
  // The memory of a registry that was added again begins anew.
  const known = [...kept, ...resolved.seen].sort((a, b) => a.since - b.since);
  const first = known.find((one) => one.version === version && one.since === known[0]?.since) ?? known[0];
  const installed = kept.filter((one) => one.version === version);
  if (!first || [first, ...installed].some((one) => one.sha256 === sha256)) return undefined;
  return new HitagiError("VERSION_CHANGED", {
    namespace,
    version,
    first: first.version,
    since: new Date(first.since * 1000).toISOString().slice(0, 10),
    expected: first.sha256,
    actual: sha256,
  });
};

/** An install that names no version would go below the installed one. */
export const wouldDowngrade = (
  { namespace, version: installed }: CurrentState,
  { version: wanted }: Pick<InstallRequest, "version">,
  { version }: Resolved,
): HitagiError | undefined => {
  if (wanted !== undefined || installed === undefined) return undefined;
  if (compareVersions(version.version, installed) >= 0) return undefined;
  return new HitagiError("WOULD_DOWNGRADE", { namespace, installed, version: version.version });
};

/** Its owner holds the plugin at an earlier version. The installed version can be installed again. */
export const heldBack = (
  { namespace, version: installed, record }: CurrentState,
  { version: { version }, isGenerated }: Resolved,
): HitagiError | undefined => {
  const { hold } = record?.updates ?? {};
  if (!hold || installed === undefined || version === installed) return undefined;
  if (!isBeyondHold({ hold }, version, isGenerated)) return undefined;
  return new HitagiError("PLUGIN_HELD", { namespace, at: hold.at, version, note: noteText(hold.note) });
};

/** Another plugin that has a file, relative to the plugins folder. */
export const ownerOf = async (
  deps: InstallDeps,
  file: string,
  namespace: Namespace,
): Promise<string | undefined> => {
  const recorded = await deps.store.plugins.ownersOf(file);
  const active = deps.active.list().filter(({ path: other }) => other?.toLowerCase() === file.toLowerCase());
  return [...recorded, ...active.map((plugin) => plugin.namespace)].find((owner) => owner !== namespace);
};

/** The wanted path, or if another plugin has a file there, one with the namespace: LANraragi has three `EHentai.pm`. */
export const freePath = async (deps: InstallDeps, namespace: Namespace, wanted: string): Promise<string> => {
  if ((await ownerOf(deps, wanted, namespace)) === undefined) return wanted;
  const { dir, name, ext } = path.posix.parse(wanted);
  return `${dir}/${name}-${namespace}${ext}`;
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
