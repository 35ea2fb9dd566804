import { epochSeconds } from "../clock.ts";
import type { InstallDeps, InstallerOptions } from "./deps.ts";
import { install } from "./install.ts";
import { createJournal } from "./journal.ts";
import { showPlan } from "./plan.ts";
import { createPreview } from "./preview.ts";
import { createPreviewed } from "./previewed.ts";
import { reconcile } from "./reconcile.ts";
import { reconcilePlugin } from "./reconcile-plugin.ts";
import { recover } from "./recover.ts";
import { rollback } from "./rollback.ts";
import { sideload } from "./sideload.ts";
import { spread } from "./spread.ts";
import { createTurns } from "./turns.ts";
import type { Installer } from "./types.ts";
import { uninstall } from "./uninstall.ts";
import { upgrade } from "./upgrade.ts";
import { verifyInstalled } from "./verify-installed.ts";

const withDefaults = (options: InstallerOptions): InstallDeps => ({
  ...options,
  builtins: options.builtins ?? new Set(),
  now: options.now ?? epochSeconds,
  grants: options.grants ?? "declared",
  at: options.at ?? (() => {}),
  shared: options.shared ?? false,
  previewed: createPreviewed(),
  turns: createTurns(),
});

/** The installer: the operations of this folder over one journal. `recover` is called before any other. */
export const createInstaller = (options: InstallerOptions): Installer => {
  const deps = withDefaults(options);
  const journal = createJournal(deps.journalFolder);
  const preview = createPreview(deps);
  return {
    plan: async (request, signal) => showPlan(await preview(request, signal)),
    install: (request, progress) => install(deps, journal, request, progress),
    upgrade: (namespaces, grant, progress) => upgrade(deps, journal, namespaces, grant, progress),
    uninstall: (namespace) => uninstall(deps, journal, namespace),
    rollback: (namespace, version) => rollback(deps, journal, namespace, version),
    sideload: (filename, bytes, grant, progress) => sideload(deps, journal, filename, bytes, grant, progress),
    verify: () => verifyInstalled(deps),
    recover: () => recover(deps, journal),
    reconcile: (namespace, placed, follow) => reconcilePlugin(deps, journal, namespace, placed, follow),
    spread: (signal) => spread(deps, signal),
    reconcileAll: () => reconcile(deps, journal),
  };
};
