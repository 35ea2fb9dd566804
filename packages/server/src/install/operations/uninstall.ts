import { HitagiError, type Namespace } from "@hitagi/contract";
import type { InstallDeps } from "../deps.ts";
import { runOperation } from "../operation.ts";
import type { Journal } from "../recovery/journal.ts";
import { commit } from "../steps/commit.ts";
import { installedManifest, readCurrentState } from "../steps/current-state.ts";

/** Removes a plugin's file and provenance, and keeps its settings and versions; see Installer.uninstall. */
export const uninstall = (
  deps: InstallDeps,
  journal: Journal,
  anyCase: Namespace,
): Promise<{ name: string }> =>
  runOperation(deps, journal, anyCase, async (undo, held) => {
    const current = await readCurrentState(deps, anyCase);
    const { namespace, origin } = current;
    if (origin === "builtin") throw new HitagiError("PLUGIN_BUILTIN", { namespace });
    if (!origin) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
    const manifest = await installedManifest(deps, current);
    await commit(held, journal, undo, { current, after: undefined });
    return { name: manifest?.name ?? namespace };
  });
