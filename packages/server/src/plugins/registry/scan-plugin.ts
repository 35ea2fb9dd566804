import type { Health, Manifest, Origin, Permissions, RuntimeName } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Artifacts } from "../../artifacts/types.ts";
import { intersect } from "../../runtimes/broker/grants.ts";
import type { PluginRecord, PluginStore, Provenance } from "../../store/types.ts";
import type { ActivePlugin } from "../types.ts";
import { OK } from "../use/quarantine.ts";
import type { RejectedFile } from "./rejected-files.ts";
import type { PluginRead, Readable, Unreadable } from "./scan-read.ts";

export interface IdentifyDeps {
  store: Pick<PluginStore, "get" | "register">;
  artifacts: Pick<Artifacts, "manifest" | "isHere">;
  log: Pick<Logger, "warn">;
}

/** What a file is: a plugin that can run, one that is recorded but cannot, or a file that is not run. */
export interface Identified {
  plugin?: ActivePlugin;
  rejected?: RejectedFile;
}

/** Says what a file is, and tells its owner where it is not run. */
export const identify = async (
  deps: IdentifyDeps,
  read: PluginRead,
  recorded: PluginRecord | undefined,
): Promise<Identified> => {
  const fault = faultOf(read, recorded);
  if ("manifest" in fault) return { plugin: await healthy(deps, fault) };
  if (recorded?.provenance !== undefined) {
    return { plugin: await unfit(deps, recorded, recorded.provenance, fault) };
  }
  const { found, namespace, reason, error } = fault;
  deps.log.warn(
    { file: found.path ?? found.file, reason, err: error },
    "a plugin file is not run; correct or remove it, then start again",
  );
  return { rejected: { namespace, path: found.path, reason } };
};

/** A recorded file that says another name than its record is none that can run. */
const faultOf = (read: PluginRead, recorded: PluginRecord | undefined): PluginRead => {
  if (!("manifest" in read) || recorded === undefined) return read;
  const { namespace } = read.manifest;
  if (recorded.namespace === namespace) return read;
  return { found: read.found, namespace, reason: `its file says that it is ${namespace}` };
};

const flagsOf = (record: PluginRecord | undefined) => ({
  enabled: record?.enabled ?? false,
  hidden: record?.hidden ?? false,
  priority: record?.priority ?? 0,
});

/** What a record says of a plugin that can run. */
export const recordedFields = (origin: Origin, manifest: Manifest, record: PluginRecord | undefined) => {
  const health: Health = record?.quarantine ? { state: "quarantined", ...record.quarantine } : OK;
  return { granted: grantedTo(origin, manifest, record), ...flagsOf(record), health };
};

const healthy = async (deps: IdentifyDeps, read: Readable) => {
  const { found, manifest, code } = read;
  await deps.store.register(manifest.namespace, manifest.type);
  const record = await deps.store.get(manifest.namespace);
  const plugin: ActivePlugin = {
    namespace: manifest.namespace,
    manifest,
    origin: found.origin,
    runtime: found.runtime.name,
    path: found.path,
    registry: (found.origin === "managed" && record?.provenance?.registry) || null,
    code,
    ...recordedFields(found.origin, manifest, record),
  };
  return plugin;
};

/**
 * Never more than the plugin asks for. A builtin came with the program and has what it asks for, until its owner
 * grants it less.
 */
const grantedTo = (origin: Origin, manifest: Manifest, record: PluginRecord | undefined): Permissions => {
  const asks = manifest.permissions ?? {};
  const granted = record?.granted ?? {};
  if (origin === "builtin" && Object.keys(granted).length === 0) return asks;
  return intersect(asks, granted);
};

const unfit = (
  deps: IdentifyDeps,
  record: PluginRecord,
  provenance: Provenance,
  { found, reason, error }: Unreadable,
): Promise<ActivePlugin> => {
  deps.log.warn(
    { plugin: record.namespace, file: found.path, reason, err: error },
    "an installed plugin is not run; compare it by `hitagi verify`, then roll it back or install it again",
  );
  return notRunning(deps, record, provenance, found.runtime.name, { state: "broken", reason });
};

/**
 * A recorded plugin that cannot run: it stays in the lists, so that its owner sees why. What it says of itself is shown
 * where it is known here; a place of bytes that is slow or away is the most likely reason why it cannot run, and not waited for.
 */
export const notRunning = async (
  { artifacts }: Pick<IdentifyDeps, "artifacts">,
  record: PluginRecord,
  { path, sha256, version, type, registry }: Provenance,
  runtime: RuntimeName,
  health: Health,
): Promise<ActivePlugin> => {
  const { namespace, granted } = record;
  const unknown = { namespace, type, name: namespace, version, author: "unknown", description: "" };
  const known = (await artifacts.isHere(sha256)) ? await artifacts.manifest(sha256) : undefined;
  return {
    namespace,
    manifest: known ?? unknown,
    origin: registry === null ? "sideloaded" : "managed",
    runtime,
    path,
    registry,
    code: { namespace, sha256, filename: path.split("/").at(-1) ?? "", source: Buffer.alloc(0) },
    granted,
    ...flagsOf(record),
    health,
  };
};
