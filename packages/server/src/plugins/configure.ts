import { HitagiError, type Namespace } from "@hitagi/contract";
import type { PluginStore } from "../store/types.ts";
import type { ActivePlugins } from "./types.ts";
import type { Quarantine } from "./use/quarantine.ts";
import { existing } from "./use/use.ts";

export interface ConfigureDeps {
  active: ActivePlugins;
  store: Pick<PluginStore, "get" | "configure">;
  quarantine: Pick<Quarantine, "lift">;
}

export interface PluginFlags {
  enabled?: boolean;
  hidden?: boolean;
  priority?: number;
}

/**
 * Enables, hides or orders a metadata plugin. Enabling lifts a quarantine; a plugin of another type can be enabled for
 * that only.
 * @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_RECORD_BROKEN, PLUGIN_NOT_METADATA
 */
export const configure = async (
  { active, store, quarantine }: ConfigureDeps,
  namespace: Namespace,
  flags: PluginFlags,
): Promise<void> => {
  const { health } = existing(active, namespace);
  const record = await store.get(namespace);
  if (record === undefined) throw new HitagiError("PLUGIN_NOT_FOUND", { namespace });
  if (record.type === undefined) throw new HitagiError("PLUGIN_RECORD_BROKEN", { namespace });
  const retries = health.state === "quarantined" && flags.enabled === true;
  const onlyRetries = retries && Object.keys(flags).length === 1;
  if (record.type !== "metadata" && !onlyRetries) throw new HitagiError("PLUGIN_NOT_METADATA", { namespace });
  if (retries) await quarantine.lift(namespace);
  if (record.type !== "metadata") return;
  await store.configure(namespace, flags);
  active.patch(namespace, given(flags));
};

/** An undefined flag must not replace one that is set. */
const given = (flags: PluginFlags): PluginFlags =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
