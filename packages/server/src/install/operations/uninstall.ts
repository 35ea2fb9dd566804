import { HitagiError, type Namespace } from "@hitagi/contract";
import { sourceOf } from "../../plugins/source.ts";
import { cacheOwner } from "../../runtimes/broker/capability-table.ts";
import type { InstallDeps } from "../deps.ts";
import { assertNotRequired } from "../requirements/installed.ts";
import { commit } from "../steps/commit.ts";
import { type CurrentState, installedManifest, readCurrentState } from "../steps/current-state.ts";
import type { UninstallOptions } from "../types.ts";
import { runOperation } from "./run-operation.ts";

/** Clears what plugins of the namespace have cached, from all sources that are known. */
const clearCaches = async (
  deps: InstallDeps,
  { namespace, registry, record }: CurrentState,
): Promise<void> => {
  const versions = await deps.store.plugins.versions(namespace);
  const sources = [
    ...[registry, ...versions.map((one) => one.registry)].map((id) =>
      sourceOf({ registry: id, origin: "sideloaded" }),
    ),
    ...Object.values(record?.secrets ?? {}),
  ];
  for (const source of new Set(sources)) await deps.store.cache.clear(cacheOwner({ namespace, source }));
};

/** Removes a plugin's file and provenance. Settings and kept versions stay. See Installer.uninstall. */
export const uninstall = (
  deps: InstallDeps,
  namespace: Namespace,
  { dropSettings = false, ignoreRequirements = false }: UninstallOptions = {},
): Promise<{ name: string; version: string | null }> =>
  runOperation(deps, namespace, async (locked, undo) => {
    const current = await readCurrentState(locked, namespace);
    const { origin } = current;
    if (origin === "builtin") throw new HitagiError("PLUGIN_BUILTIN", { namespace });
    if (!origin) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
    const change = { namespace, version: undefined, command: `hitagi uninstall ${namespace}` };
    await assertNotRequired(locked, change, { ignoreRequirements });
    const manifest = await installedManifest(locked, current);
    await commit(locked, undo, { current, after: undefined, dropsSettings: dropSettings });
    if (dropSettings) await clearCaches(locked, current);
    return { name: manifest?.name ?? namespace, version: current.version ?? null };
  });
