import { access } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Namespace } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Artifacts } from "../../artifacts/types.ts";
import { runtimeFor } from "../../runtimes/runtimes.ts";
import type { PluginRecord, PluginStore, Provenance } from "../../store/types.ts";
import type { PluginSettings } from "../settings.ts";
import type { ActivePlugin, ActivePlugins } from "../types.ts";
import { findPluginFiles, type PluginFolders } from "./scan-files.ts";
import { identify, notRunning, recordedFields } from "./scan-plugin.ts";
import { readPlugin } from "./scan-read.ts";

export interface ReloadDeps extends PluginFolders {
  active: ActivePlugins;
  store: Pick<PluginStore, "get" | "register" | "versions">;
  artifacts: Artifacts;
  settings: Pick<PluginSettings, "take">;
  log: Pick<Logger, "warn">;
}

const canRun = ({ health }: ActivePlugin): boolean => health.state === "ok" || health.state === "quarantined";

/** Whether what is in force is what the record says, so that only its flags can differ. */
const isRecorded = (plugin: ActivePlugin, { path: place, sha256, registry }: Provenance): boolean =>
  canRun(plugin) && plugin.path === place && plugin.code.sha256 === sha256 && plugin.registry === registry;

/** The same plugin with what the record says of it; the same object where that is nothing new. */
const withRecord = (plugin: ActivePlugin, record: PluginRecord | undefined): ActivePlugin => {
  const recorded = recordedFields(plugin.origin, plugin.manifest, record);
  const next = { ...plugin, ...recorded, health: canRun(plugin) ? recorded.health : plugin.health };
  return isDeepStrictEqual(next, plugin) ? plugin : next;
};

/**
 * Puts in force what a plugin's record says now, which another node has changed; the plugin's file is in place already.
 * @throws HitagiError what the store throws
 */
export const createReload = (
  deps: ReloadDeps,
): ((namespace: Namespace) => Promise<PluginRecord | undefined>) => {
  const { active, store, artifacts, settings } = deps;

  /** Whether a file was put there by hand: no install ever put one with these bytes into Sideloaded. */
  const isByHand = async ({ namespace, origin, path: place, code }: ActivePlugin): Promise<boolean> => {
    if (origin !== "sideloaded" || place === null) return false;
    const lies = await access(path.join(deps.plugins, place)).then(
      () => true,
      () => false,
    );
    const versions = lies ? await store.versions(namespace) : [];
    return lies && versions.every(({ sha256 }) => sha256 !== code.sha256);
  };

  /** A plugin without provenance was removed, whether its file is gone yet or not, unless that was put there by hand. */
  const unrecorded = async (
    before: ActivePlugin | undefined,
    record: PluginRecord | undefined,
  ): Promise<ActivePlugin | undefined> => {
    if (before === undefined) return undefined;
    const stays = before.origin === "builtin" || (await isByHand(before));
    return stays ? withRecord(before, record) : undefined;
  };

  const load = async (record: PluginRecord, provenance: Provenance): Promise<ActivePlugin | undefined> => {
    const found = (await findPluginFiles(deps)).find((file) => file.path === provenance.path);
    if (found) {
      return (await identify(deps, await readPlugin(found, artifacts, provenance.sha256), record)).plugin;
    }
    const reason = "its file is not on this node, and its bytes could not be fetched";
    const runtime = runtimeFor(deps.runtimes, provenance.path)?.name ?? "deno";
    return notRunning(deps, record, provenance, runtime, { state: "missing", reason });
  };

  const inForce = async (before: ActivePlugin | undefined, record: PluginRecord | undefined) => {
    const provenance = before?.origin === "builtin" ? undefined : record?.provenance;
    if (record === undefined || provenance === undefined) return unrecorded(before, record);
    return before && isRecorded(before, provenance) ? withRecord(before, record) : load(record, provenance);
  };

  return async (namespace) => {
    for (;;) {
      const before = active.get(namespace);
      const record = await store.get(namespace);
      await settings.take(namespace, record);
      const next = await inForce(before, record);
      // What was put in force meanwhile, by an operation or another reload, may be newer than what was read.
      if (active.get(namespace) !== before) continue;
      if (next !== before) active.set(namespace, next);
      return record;
    }
  };
};
