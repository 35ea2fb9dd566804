import { createKeyedMutex } from "../async/keyed-mutex.ts";
import { epochSeconds } from "../clock.ts";
import type { InstallDeps, InstallerOptions } from "./deps.ts";
import { install } from "./operations/install.ts";
import { createPreview } from "./operations/preview.ts";
import { createPreviewCache } from "./operations/preview-cache.ts";
import { rollback } from "./operations/rollback.ts";
import { sideload } from "./operations/sideload.ts";
import { uninstall } from "./operations/uninstall.ts";
import { upgrade } from "./operations/upgrade.ts";
import { verifyInstalled } from "./operations/verify-installed.ts";
import { createJournal } from "./recovery/journal.ts";
import { reconcileAll } from "./recovery/reconcile-all.ts";
import { reconcilePlugin } from "./recovery/reconcile-plugin.ts";
import { recover } from "./recovery/recover.ts";
import { replicateArtifacts } from "./recovery/replicate.ts";
import { showPlan } from "./steps/plan.ts";
import type { Installer } from "./types.ts";

const withDefaults = (options: InstallerOptions): InstallDeps => ({
  ...options,
  builtins: options.builtins ?? new Set(),
  now: options.now ?? epochSeconds,
  grants: options.grants ?? "declared",
  onFaultPoint: options.onFaultPoint ?? (() => {}),
  isStoreShared: options.isStoreShared ?? false,
  previewCache: createPreviewCache(),
  fileMutex: createKeyedMutex(),
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
    replicateArtifacts: (signal) => replicateArtifacts(deps, signal),
    reconcileAll: () => reconcileAll(deps, journal),
  };
};
