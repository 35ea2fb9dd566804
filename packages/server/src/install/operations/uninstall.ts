import { HitagiError, type Namespace } from "@hitagi/contract";
import type { InstallDeps } from "../deps.ts";
import { commit } from "../steps/commit.ts";
import { installedManifest, readCurrentState } from "../steps/current-state.ts";
import { runOperation } from "./run-operation.ts";

/** Removes a plugin's file and provenance. Settings and kept versions stay. See Installer.uninstall. */
export const uninstall = (deps: InstallDeps, namespace: Namespace): Promise<{ name: string }> =>
  runOperation(deps, namespace, async (locked, undo) => {
    const current = await readCurrentState(locked, namespace);
    const { origin } = current;
    if (origin === "builtin") throw new HitagiError("PLUGIN_BUILTIN", { namespace });
    if (!origin) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
    const manifest = await installedManifest(locked, current);
    await commit(locked, undo, { current, after: undefined });
    return { name: manifest?.name ?? namespace };
  });
