import { createKeyedMutex } from "../async/keyed-mutex.ts";
import { epochSeconds } from "../clock.ts";
import type { InstallDeps, InstallerOptions } from "./deps.ts";
import { install } from "./operations/install.ts";
import { judgeAutomatic } from "./operations/judge-automatic.ts";
import { judgeReturns } from "./operations/judge-returns.ts";
import { moveToSideloaded } from "./operations/move.ts";
import { createPreview, createPreviewCache } from "./operations/preview.ts";
import { previewUpgrades } from "./operations/preview-upgrade.ts";
import { reinstall } from "./operations/reinstall.ts";
import { planRestore, restoreVersion } from "./operations/restore-version.ts";
import { rollback } from "./operations/rollback.ts";
import { sideload } from "./operations/sideload.ts";
import { uninstall } from "./operations/uninstall.ts";
import { upgrade } from "./operations/upgrade.ts";
import { verifyInstalled } from "./operations/verify-installed.ts";
import { createJournal } from "./recovery/journal.ts";
import { reconcileAll, replicateArtifacts } from "./recovery/reconcile-all.ts";
import { reconcilePlugin } from "./recovery/reconcile-plugin.ts";
import { recover } from "./recovery/recover.ts";
import { showSet } from "./requirements/show-set.ts";
import type { Installer } from "./types.ts";

const depsOf = ({ journalFolder, ...options }: InstallerOptions): InstallDeps => ({
  ...options,
  commitUnder: (...changes) => options.store.plugins.commit(...changes),
  builtins: options.builtins ?? new Set(),
  now: options.now ?? epochSeconds,
  grants: options.grants ?? "declared",
  onFaultPoint: options.onFaultPoint ?? (() => {}),
  isStoreShared: options.isStoreShared ?? false,
  journal: createJournal(journalFolder),
  previewCache: createPreviewCache(),
  fileMutex: createKeyedMutex(),
});

/** The operations of this folder over one journal. Call `recover` before any other. */
export const createInstaller = (options: InstallerOptions): Installer => {
  const deps = depsOf(options);
  const preview = createPreview(deps);
  return {
    plan: async (request, signal) => showSet(await preview(request, signal)),
    planUpgrades: (namespaces, signal) => previewUpgrades(deps, preview, namespaces, signal),
    install: (request, progress) => install(deps, request, progress),
    judgeAutomatic: (update, signal) => judgeAutomatic(deps, preview, update, signal),
    upgrade: (namespaces, grant, options) => upgrade(deps, preview, namespaces, grant, options),
    uninstall: (namespace, options) => uninstall(deps, namespace, options),
    reinstall: (namespace) => reinstall(deps, namespace),
    moveToSideloaded: (namespace, options) => moveToSideloaded(deps, namespace, options),
    rollback: (namespace, version, options) => rollback(deps, namespace, version, options),
    judgeReturns: (namespace) => judgeReturns(deps, namespace),
    restoreVersion: (namespace, version, granted, options) =>
      restoreVersion(deps, namespace, version, granted, options),
    planRestore: (namespace, version) => planRestore(deps, namespace, version),
    manifest: async (sha256) => deps.previewCache.get(sha256)?.manifest ?? deps.artifacts.manifest(sha256),
    sideload: (filename, bytes, grant, options) => sideload(deps, filename, bytes, grant, options),
    verify: () => verifyInstalled(deps),
    recover: () => recover(deps),
    reconcile: (namespace, installed, follow) => reconcilePlugin(deps, namespace, installed, follow),
    replicateArtifacts: (signal) => replicateArtifacts(deps, signal),
    reconcileAll: () => reconcileAll(deps),
  };
};
