import type { Health, Manifest, Permissions } from "@hitagi/contract";
import type { Logger } from "pino";
import { intersect } from "../runtimes/broker/grants.ts";
import type { Artifacts, PluginRecord, PluginStore } from "../store/types.ts";
import { OK } from "./health.ts";
import type { PluginFile } from "./scan-files.ts";
import type { PluginRead } from "./scan-read.ts";
import type { ActivePlugin } from "./types.ts";

export interface IdentifyDeps {
  store: Pick<PluginStore, "get" | "register">;
  artifacts: Pick<Artifacts, "manifest">;
  log: Pick<Logger, "warn">;
}

/** The plugin of a file: one that can run, one that is recorded but cannot, or none. */
export const identify = async (
  deps: IdentifyDeps,
  read: PluginRead,
  recorded: PluginRecord | undefined,
): Promise<ActivePlugin | undefined> => {
  const reason = "reason" in read ? read.reason : misnamed(read.manifest, recorded);
  if (reason === undefined && "manifest" in read) return healthy(deps, read);
  const err = "error" in read ? read.error : undefined;
  if (recorded?.provenance !== undefined) return broken(deps, read.found, recorded, reason ?? "", err);
  deps.log.warn(
    { file: read.found.path ?? read.found.file, reason, err },
    "a plugin file is not run; correct or remove it, then start again",
  );
  return undefined;
};

const misnamed = ({ namespace }: Manifest, recorded: PluginRecord | undefined): string | undefined =>
  recorded === undefined || recorded.namespace === namespace.toLowerCase()
    ? undefined
    : `its file says that it is ${namespace}`;

const flagsOf = (record: PluginRecord | undefined) => ({
  enabled: record?.enabled ?? false,
  hidden: record?.hidden ?? false,
  priority: record?.priority ?? 0,
});

const healthy = async (deps: IdentifyDeps, read: Extract<PluginRead, { manifest: Manifest }>) => {
  const { found, manifest, code } = read;
  await deps.store.register(manifest.namespace, manifest.type);
  const record = await deps.store.get(manifest.namespace);
  const health: Health = record?.quarantine ? { state: "quarantined", ...record.quarantine } : OK;
  const plugin: ActivePlugin = {
    namespace: manifest.namespace,
    manifest,
    origin: found.origin,
    runtime: found.runtime.name,
    path: found.path,
    registry: (found.origin === "managed" && record?.provenance?.registry) || null,
    code,
    granted: grantedTo(found, manifest, record),
    ...flagsOf(record),
    health,
  };
  return plugin;
};

/**
 * Never more than the plugin asks for. A builtin came with the program and has what it asks for, until its owner
 * grants it less.
 */
const grantedTo = (
  { origin }: PluginFile,
  manifest: Manifest,
  record: PluginRecord | undefined,
): Permissions => {
  const asks = manifest.permissions ?? {};
  const granted = record?.granted ?? {};
  if (origin === "builtin" && Object.keys(granted).length === 0) return asks;
  return intersect(asks, granted);
};

/** A recorded plugin that cannot run: it stays in the lists, so that its owner sees why. */
const broken = async (
  { artifacts, log }: IdentifyDeps,
  { origin, runtime, path }: PluginFile,
  record: PluginRecord,
  reason: string,
  err: unknown,
): Promise<ActivePlugin | undefined> => {
  const { namespace, provenance, granted } = record;
  if (provenance === undefined) return undefined;
  log.warn(
    { plugin: namespace, file: path, reason, err },
    "an installed plugin is not run; compare it by `hitagi verify`, then roll it back or install it again",
  );
  const { sha256, version, type, registry } = provenance;
  const unknown = { namespace, type, name: namespace, version, author: "unknown", description: "" };
  return {
    namespace,
    manifest: (await artifacts.manifest(sha256)) ?? unknown,
    origin,
    runtime: runtime.name,
    path,
    registry,
    code: { namespace, sha256, filename: provenance.path.split("/").at(-1) ?? "", source: Buffer.alloc(0) },
    granted,
    ...flagsOf(record),
    health: { state: "broken", reason },
  };
};
