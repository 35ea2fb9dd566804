import { isDeepStrictEqual } from "node:util";
import {
  type ErrorReport,
  type Grant,
  HitagiError,
  type InstallPlan,
  type LockedPlugin,
  type Namespace,
  type SyncedPlugin,
} from "@hitagi/contract";
import type { Admission } from "../admission/types.ts";
import { reportOf } from "../install/steps/plan.ts";
import type { Installer, InstallRequest } from "../install/types.ts";
import { scopesOf } from "../runtimes/broker/grants.ts";
import type { PluginStore, Provenance } from "../store/types.ts";
import type { CheckedRegistry } from "./check-registry.ts";
import { type CurrentPlugin, normalPermissions } from "./current-set.ts";
import { conflictOf, keptConflicts, settingConflicts } from "./plan-notes.ts";
import { planUnadded } from "./plan-unadded.ts";

export interface PlanFileDeps {
  installer: Pick<Installer, "plan" | "planRestore" | "manifest">;
  store: Pick<PluginStore, "versions">;
  admission: Pick<Admission, "judge">;
}

/** What a sync does with the file of a plugin. */
export type FileChange = { install: InstallRequest } | { restore: Provenance } | "remove";

/** A plugin of the lock file beside the one that is installed. */
export interface ComparedPlugin {
  namespace: Namespace;
  wanted: LockedPlugin;
  plugin: CurrentPlugin | undefined;
  /** The id of its registry here; undefined if the lock file names none. */
  registry: string | undefined;
  /** Its registry; undefined if the lock file names none. */
  from: CheckedRegistry | undefined;
}

/** How the file of a plugin is to change, and what is against it. */
export interface PlannedFile {
  file?: FileChange | undefined;
  action?: SyncedPlugin["action"];
  /** The gravest first. */
  conflicts: ErrorReport[];
  warnings: ErrorReport[];
}

const refusal = (error: HitagiError): PlannedFile => ({ conflicts: [reportOf(error)], warnings: [] });

/** Plans how the file of a plugin becomes the one of a lock file. */
export const createFilePlanner = (deps: PlanFileDeps) => {
  const { installer, store } = deps;
  /** Plans the install with exactly the locked permissions. A plugin with an open network is only given that with all it asks for. */
  const planInstall = async (
    request: Omit<InstallRequest, "grant">,
    { granted }: LockedPlugin,
    signal: AbortSignal | undefined,
  ): Promise<{ plan: InstallPlan; grant: Grant }> => {
    const scopes = normalPermissions(scopesOf(granted));
    const plan = await installer.plan({ ...request, grant: scopes }, signal);
    const given = plan.permissions && normalPermissions(scopesOf(plan.permissions.granted));
    if (given === null || isDeepStrictEqual(given, scopes)) return { plan, grant: scopes };
    const all = await installer.plan({ ...request, grant: true }, signal);
    const allGiven = all.permissions && normalPermissions(scopesOf(all.permissions.granted));
    return isDeepStrictEqual(allGiven, scopes) ? { plan: all, grant: true } : { plan, grant: scopes };
  };

  const fromRegistry = async (
    namespace: Namespace,
    wanted: LockedPlugin,
    registry: string,
    signal: AbortSignal | undefined,
  ): Promise<PlannedFile> => {
    const { version = "", sha256 = "" } = wanted;
    // The lock file is the whole set: each plugin is in it by itself.
    const own = { force: true, move: true, ignoreRequirements: true };
    const request = { namespace, registry, version, ...own };
    try {
      const { plan, grant } = await planInstall(request, wanted, signal);
      const hashes = { locked: sha256, found: plan.sha256 };
      const differs =
        plan.sha256 !== sha256 && new HitagiError("LOCK_HASH_DIFFERS", { namespace, version, ...hashes });
      const manifest = await installer.manifest(plan.sha256);
      return {
        file: { install: { ...request, grant } },
        conflicts: [
          ...(differs ? [reportOf(differs)] : []),
          ...plan.conflicts,
          ...(manifest ? settingConflicts(namespace, wanted, manifest) : []),
        ],
        warnings: plan.warnings,
      };
    } catch (error) {
      return refusal(conflictOf(error));
    }
  };

  /** The bytes of a plugin of no registry are only where it was installed before. */
  const fromKept = async (namespace: Namespace, wanted: LockedPlugin): Promise<PlannedFile> => {
    const { version = "", sha256, origin } = wanted;
    if (origin === "builtin") return refusal(new HitagiError("PLUGIN_NOT_FOUND", { namespace }));
    const isSideloaded = origin === "sideloaded";
    const kept = (await store.versions(namespace)).find(
      (one) => one.sha256 === sha256 && (one.registry === null) === isSideloaded,
    );
    if (!kept) return refusal(new HitagiError("LOCK_FILE_MISSING", { namespace, version }));
    const { path, type, registry } = kept;
    const provenance = { path, type, registry, version: kept.version, sha256: kept.sha256 };
    const conflicts = keptConflicts(namespace, wanted, await installer.planRestore(namespace, provenance));
    return { conflicts, warnings: [], file: { restore: provenance }, action: "restore" };
  };

  return async (
    { namespace, wanted, registry, from }: ComparedPlugin,
    signal: AbortSignal | undefined,
  ): Promise<PlannedFile> => {
    if (registry === undefined) return fromKept(namespace, wanted);
    // What is against the registry is said of it.
    if (from?.conflict) return { conflicts: [], warnings: [] };
    if (from?.unadded) return planUnadded(deps, from.match, from.unadded, namespace, wanted, signal);
    return fromRegistry(namespace, wanted, registry, signal);
  };
};
