import type { Health, Permissions } from "@hitagi/contract";
import type { Artifacts } from "../../artifacts/types.ts";
import {
  hasOpenNetwork,
  intersect,
  intersectOpen,
  scopesOf,
  withFiles,
} from "../../runtimes/broker/grants.ts";
import { runtimeFor } from "../../runtimes/runtimes.ts";
import type { Runtime } from "../../runtimes/types.ts";
import type { PluginRecord, Provenance } from "../../store/types.ts";
import type { ActivePlugin } from "../types.ts";

export const OK: Health = { state: "ok" };

export type Flags = Pick<ActivePlugin, "enabled" | "hidden" | "priority" | "updates">;

const UNSET: Flags = { enabled: false, hidden: false, priority: 0 };

const flagsOf = ({ enabled, hidden, priority, updates }: Flags = UNSET): Flags => ({
  enabled,
  hidden,
  priority,
  updates,
});

/** One version of a plugin with what it may do. */
export type PluginVersion = Omit<ActivePlugin, "namespace" | "health" | keyof Flags>;

/** The one builder of an active plugin. @param flags those of a new plugin by default */
export const activePlugin = (
  { manifest, origin, runtime, path, registry, code, granted }: PluginVersion,
  flags: Flags | undefined,
  health: Health = OK,
): ActivePlugin => ({
  namespace: manifest.namespace,
  manifest,
  origin,
  runtime,
  path,
  registry,
  code,
  granted,
  ...flagsOf(flags),
  health,
});

/** What a record says of a plugin that can run. */
export const recordedFields = (plugin: RecordedPlugin, record: PluginRecord | undefined) => {
  const health: Health = record?.quarantine ? { state: "quarantined", ...record.quarantine } : OK;
  return { granted: grantedTo(plugin, record), ...flagsOf(record), health };
};

type RecordedPlugin = Pick<ActivePlugin, "origin" | "manifest" | "runtime">;

/** Never more than the plugin asks for, and the files. A builtin has all of that until its owner grants it less. */
const grantedTo = (plugin: RecordedPlugin, record: PluginRecord | undefined): Permissions => {
  const asks = plugin.manifest.permissions ?? {};
  const granted = record?.granted ?? {};
  if (plugin.origin === "builtin" && Object.keys(granted).length === 0) return scopesOf(asks);
  const limit = hasOpenNetwork(plugin) ? intersectOpen : intersect;
  return withFiles(limit(asks, granted), granted.files);
};

/**
 * An installed plugin that cannot run. It stays in the lists, so that its owner sees why. Its manifest is shown if its
 * bytes are on this machine; a share is not asked, because it may be the reason why the plugin cannot run.
 */
export const unavailablePlugin = async (
  deps: { artifacts: Pick<Artifacts, "manifest" | "isLocal">; runtimes: readonly Runtime[] },
  { namespace, granted, ...record }: PluginRecord,
  { path, sha256, version, type, registry }: Provenance,
  health: Health,
): Promise<ActivePlugin> => {
  const unknown = { namespace, type, name: namespace, version, author: "unknown", description: "" };
  const known = (await deps.artifacts.isLocal(sha256)) ? await deps.artifacts.manifest(sha256) : undefined;
  const origin = registry === null ? "sideloaded" : "managed";
  const runtime = runtimeFor(deps.runtimes, path)?.name ?? "deno";
  const code = { namespace, sha256, filename: path.split("/").at(-1) ?? "", source: Buffer.alloc(0) };
  const manifest = known ?? unknown;
  return {
    ...activePlugin({ manifest, origin, runtime, path, registry, code, granted }, record, health),
    namespace,
  };
};
