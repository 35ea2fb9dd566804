import { HitagiError } from "@hitagi/contract";
import type { InstallDeps } from "../deps.ts";
import { exclusively } from "../operation.ts";
import type { Journal } from "../recovery/journal.ts";
import { commit } from "../steps/commit.ts";
import { standingManifest, standingOf } from "../steps/current-state.ts";

/** Removes a plugin's file and provenance, and keeps its settings and versions; see Installer.uninstall. */
export const uninstall = (deps: InstallDeps, journal: Journal, anyCase: string): Promise<{ name: string }> =>
  exclusively(deps, journal, anyCase, async (undo, held) => {
    const standing = await standingOf(deps, anyCase);
    const { namespace, origin } = standing;
    if (origin === "builtin") throw new HitagiError("PLUGIN_BUILTIN", { namespace });
    if (!origin) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
    const manifest = await standingManifest(deps, standing);
    await commit(held, journal, undo, { standing, after: undefined });
    return { name: manifest?.name ?? namespace };
  });
