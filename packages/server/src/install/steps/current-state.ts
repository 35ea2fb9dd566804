import type { Manifest, Namespace, Origin } from "@hitagi/contract";
import { sourceOf, withheldFrom } from "../../plugins/source.ts";
import type { ActivePlugin } from "../../plugins/types.ts";
import type { PluginRecord } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";

/** A plugin's file. */
export interface InstalledFile {
  /** Relative to the plugins folder, with `/`. */
  path: string;
  sha256: string;
}

/** The state of a namespace before an operation. */
export interface CurrentState {
  /** In lower case. */
  namespace: Namespace;
  record: PluginRecord | undefined;
  active: ActivePlugin | undefined;
  /** Undefined where nothing is installed. */
  origin: Origin | undefined;
  /** Undefined for a builtin and where nothing is installed. */
  installed: InstalledFile | undefined;
  version: string | undefined;
  registry: string | null;
}

const originOf = (
  deps: InstallDeps,
  namespace: Namespace,
  record: PluginRecord | undefined,
  active: ActivePlugin | undefined,
): Origin | undefined => {
  if (active?.origin === "builtin" || deps.builtins.has(namespace)) return "builtin";
  if (!record?.provenance) return active?.origin;
  return record.provenance.registry === null ? "sideloaded" : "managed";
};

/** The file of an active plugin; undefined for a builtin. */
export const activeFile = (active: ActivePlugin | undefined): InstalledFile | undefined =>
  active?.path ? { path: active.path, sha256: active.code.sha256 } : undefined;

/**
 * Reads the state of a namespace. The record says what is installed; the owner's own file has no record,
 * and counts as the start-up scan found it.
 */
export const readCurrentState = async (deps: InstallDeps, namespace: Namespace): Promise<CurrentState> => {
  const record = await deps.store.plugins.get(namespace);
  const active = deps.active.get(namespace);
  const origin = originOf(deps, namespace, record, active);
  const recorded = origin === "builtin" ? undefined : record?.provenance;
  return {
    namespace,
    record,
    active,
    origin,
    installed: recorded ? { path: recorded.path, sha256: recorded.sha256 } : activeFile(active),
    version: recorded?.version ?? active?.manifest.version,
    registry: recorded?.registry ?? active?.registry ?? null,
  };
};

/** The secrets of a namespace that a plugin of this registry, or a sideloaded one, does not get. */
export const withheldOf = ({ record }: CurrentState, registry: string | null): string[] =>
  record ? withheldFrom(record, sourceOf({ registry, origin: "sideloaded" })) : [];

/** The manifest of the installed version, where this machine knows it. */
export const installedManifest = async (
  deps: InstallDeps,
  current: CurrentState,
): Promise<Manifest | undefined> => {
  if (!current.installed) return undefined;
  if (current.active?.code.sha256 === current.installed.sha256) return current.active.manifest;
  return deps.artifacts.manifest(current.installed.sha256);
};
