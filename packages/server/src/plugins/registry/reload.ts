import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Namespace } from "@hitagi/contract";
import { exists } from "../../disk/files.ts";
import type { PluginRecord, PluginStore, Provenance } from "../../store/types.ts";
import type { PluginSettings } from "../settings.ts";
import type { ActivePlugin, ActivePlugins } from "../types.ts";
import { recordedFields, unavailablePlugin } from "./active-plugin.ts";
import { type LoadDeps, loadPlugin } from "./load-plugin.ts";
import { findPluginFiles, type PluginFolders } from "./plugin-files.ts";

export interface ReloadDeps extends PluginFolders, LoadDeps {
  active: ActivePlugins;
  store: Pick<PluginStore, "get" | "register" | "versions">;
  settings: Pick<PluginSettings, "take">;
}

/** A plugin whose file was not loaded has no code, also in quarantine. */
const canRun = ({ health, code }: ActivePlugin): boolean =>
  (health.state === "ok" || health.state === "quarantined") && code.source.length > 0;

/** Whether the recorded version is active, so that only flags, grants and health can differ. */
const isRecorded = (plugin: ActivePlugin, { path: file, sha256, registry }: Provenance): boolean =>
  canRun(plugin) && plugin.path === file && plugin.code.sha256 === sha256 && plugin.registry === registry;

/** The plugin with what the record says of it; the same object if nothing differs. */
const withRecord = (plugin: ActivePlugin, record: PluginRecord | undefined): ActivePlugin => {
  const recorded = recordedFields(plugin, record);
  const next = { ...plugin, ...recorded, health: canRun(plugin) ? recorded.health : plugin.health };
  return isDeepStrictEqual(next, plugin) ? plugin : next;
};

/**
 * Activates what a plugin's record says now, after another node changed it. The plugin's file is in place already.
 * @throws HitagiError what the store throws
 */
export const createReload = (
  deps: ReloadDeps,
): ((namespace: Namespace) => Promise<PluginRecord | undefined>) => {
  const { active, store, settings } = deps;

  /** Whether no install put a file into Sideloaded, so that it is the owner's own. */
  const isOwnersFile = async ({ namespace, origin, path: file, code }: ActivePlugin): Promise<boolean> => {
    if (origin !== "sideloaded" || file === null) return false;
    if (!(await exists(path.join(deps.plugins, file)))) return false;
    return (await store.versions(namespace)).every(({ sha256 }) => sha256 !== code.sha256);
  };

  /** Without provenance a plugin was removed, unless it is a builtin or its file is the owner's own. */
  const withoutProvenance = async (before: ActivePlugin | undefined, record: PluginRecord | undefined) => {
    if (before === undefined) return undefined;
    const stays = before.origin === "builtin" || (await isOwnersFile(before));
    return stays ? withRecord(before, record) : undefined;
  };

  const load = async (record: PluginRecord, provenance: Provenance): Promise<ActivePlugin | undefined> => {
    const found = (await findPluginFiles(deps)).find((file) => file.path === provenance.path);
    if (found) {
      const loaded = await loadPlugin(deps, found, record);
      return "plugin" in loaded ? loaded.plugin : undefined;
    }
    const reason = "its file is not on this node, and its bytes could not be fetched";
    return unavailablePlugin(deps, record, provenance, { state: "missing", reason });
  };

  const nextOf = async (before: ActivePlugin | undefined, record: PluginRecord | undefined) => {
    const provenance = before?.origin === "builtin" ? undefined : record?.provenance;
    if (record === undefined || provenance === undefined) return withoutProvenance(before, record);
    return before && isRecorded(before, provenance) ? withRecord(before, record) : load(record, provenance);
  };

  return async (namespace) => {
    for (;;) {
      const before = active.get(namespace);
      const record = await store.get(namespace);
      await settings.take(namespace, record);
      const next = await nextOf(before, record);
      // An operation or another reload may have activated something newer meanwhile.
      if (active.get(namespace) !== before) continue;
      if (next !== before) active.set(namespace, next);
      return record;
    }
  };
};
