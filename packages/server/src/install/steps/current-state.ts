import type { Manifest, Namespace, Origin } from "@hitagi/contract";
import { sourceOf, withheldFrom } from "../../plugins/source.ts";
import type { ActivePlugin } from "../../plugins/types.ts";
import type { PluginRecord } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";

/** One file of a plugin: where, relative to the plugins folder, and what. */
export interface InstalledFile {
  path: string;
  sha256: string;
}

/** What stands under a namespace before an operation. */
export interface CurrentState {
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

export const activeFile = (active: ActivePlugin | undefined): InstalledFile | undefined =>
  active?.path ? { path: active.path, sha256: active.code.sha256 } : undefined;

/**
 * Reads what stands under a namespace. The record says what is installed; a file that its owner dropped in the
 * folder by hand has none, and counts as what the start-up scan put in force.
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

/** Secrets that are set for the namespace and that a plugin of this registry, or a sideloaded one, will not get. */
export const withheldOf = ({ record }: CurrentState, registry: string | null): string[] =>
  record ? withheldFrom(record, sourceOf({ registry, origin: "sideloaded" })) : [];

/** The manifest of the version in place, where its bytes are known here. */
export const installedManifest = async (
  deps: InstallDeps,
  current: CurrentState,
): Promise<Manifest | undefined> => {
  if (!current.installed) return undefined;
  if (current.active?.code.sha256 === current.installed.sha256) return current.active.manifest;
  return deps.artifacts.manifest(current.installed.sha256);
};
