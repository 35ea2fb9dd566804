import {
  HitagiError,
  type LockedPlugin,
  type LockedPolicies,
  type Lockfile,
  type Namespace,
  type SyncedPlugin,
  type SyncPlan,
  toNamespace,
} from "@hitagi/contract";
import pLimit from "p-limit";
import { type CheckDeps, checkRegistry } from "./check-registry.ts";
import { type CurrentPlugin, type CurrentSet, type CurrentSetDeps, readCurrentSet } from "./current-set.ts";
import { actionOf, differences, isInstalled } from "./differences.ts";
import { normalPolicies, policyChanges, readPolicies } from "./locked-policies.ts";
import { type MatchedRegistry, matchRegistries } from "./locked-registries.ts";
import {
  type ComparedPlugin,
  createFilePlanner,
  type FileChange,
  type PlanFileDeps,
  type PlannedFile,
} from "./plan-file.ts";
import { fieldConflicts, replacementOf } from "./plan-notes.ts";
import type { SyncRequest } from "./types.ts";

export interface PlanDeps extends CurrentSetDeps, CheckDeps, PlanFileDeps {}

/** What a sync does with one plugin, in the order of `file`, then `wanted`. */
export interface Step {
  namespace: Namespace;
  /** How its file changes; undefined if it stays. */
  file?: FileChange | undefined;
  /** How the plugin is to be afterwards; undefined if it is removed. */
  wanted?: LockedPlugin | undefined;
  shown: SyncedPlugin;
}

/** A plan with the steps that carry it out. */
export interface SyncSteps {
  plan: SyncPlan;
  steps: Step[];
  current: CurrentSet;
  /** The rules before and after; undefined where they do not change. */
  policies: { before: LockedPolicies; wanted: LockedPolicies } | undefined;
}

/** Stands for the id of a registry that is to be added. */
const TO_BE_ADDED = "";

/** Plugins that are planned at the same time: each may be fetched and loaded. */
const CONCURRENCY = 4;

/** The id of a plugin's registry here; undefined if the lock file names none. */
const registryOf = (
  { registry: name }: LockedPlugin,
  matched: ReadonlyMap<string, MatchedRegistry>,
): string | undefined => (name === undefined ? undefined : (matched.get(name)?.registry?.id ?? TO_BE_ADDED));

/** @throws HitagiError VALIDATION_FAILED where an entry leads to none, or lacks its file */
const checkLock = ({ registries, plugins }: Lockfile): void => {
  for (const [namespace, { origin, registry, version, sha256 }] of Object.entries(plugins)) {
    const isUnknown = registry !== undefined && !Object.hasOwn(registries, registry);
    const lacksFile = origin !== "builtin" && (version === undefined || sha256 === undefined);
    const reason = isUnknown
      ? `its plugin ${namespace} is of a registry that it does not have: ${registry}`
      : lacksFile && `its plugin ${namespace} has no version and hash`;
    if (reason) throw new HitagiError("VALIDATION_FAILED", { reason });
  }
};

export const createPlanner = (deps: PlanDeps) => {
  const planFile = createFilePlanner(deps);

  const planPlugin = async (
    compared: ComparedPlugin,
    registries: CurrentSet["registries"],
    signal: AbortSignal | undefined,
  ): Promise<Step | undefined> => {
    const { namespace, wanted, plugin: current, registry } = compared;
    const fields = differences(current?.locked, wanted);
    const isSame = isInstalled(current, wanted, registry);
    if (isSame && fields.length === 0) return undefined;
    const planned = isSame ? undefined : await planFile(compared, signal);
    const { file, action, warnings = [] }: Partial<PlannedFile> = planned ?? {};
    const stays = isSame ? current : undefined;
    const conflicts = stays
      ? fieldConflicts(stays, wanted, await deps.plugins.settings(namespace))
      : (planned?.conflicts ?? []);
    // The hold of the lock file replaces the one that would refuse this version.
    const changesHold = fields.some(({ field }) => field === "hold");
    return {
      namespace,
      ...{ file, wanted },
      shown: {
        namespace,
        action: isSame ? "configure" : (action ?? actionOf(current, wanted, registry)),
        ...{ from: current?.record.version ?? null, to: wanted.version ?? current?.record.version ?? null },
        registry: wanted.registry ?? null,
        fields,
        conflicts: conflicts.filter(({ code }) => code !== "PLUGIN_HELD" || !changesHold),
        warnings: [...(isSame ? [] : replacementOf(current, wanted, registry, registries)), ...warnings],
      },
    };
  };

  const removal = ({ namespace, record }: CurrentPlugin): Step => ({
    namespace,
    file: "remove",
    shown: {
      namespace,
      action: "remove",
      ...{ from: record.version, to: null, registry: null },
      ...{ fields: [], conflicts: [], warnings: [] },
    },
  });

  const missingSecrets = (request: SyncRequest, plugins: CurrentSet["plugins"]): SyncPlan["secrets"] =>
    Object.entries(request.lock.plugins).flatMap(([namespace, { secrets = [] }]) => {
      const here = new Set(plugins.get(namespace)?.locked.secrets);
      const names = secrets.filter((name) => !here.has(name));
      return names.length > 0 ? [{ namespace, names }] : [];
    });

  /** @throws HitagiError VALIDATION_FAILED, REGISTRY_NOT_FOUND */
  return async (request: SyncRequest, signal?: AbortSignal): Promise<SyncSteps> => {
    checkLock(request.lock);
    const current = await readCurrentSet(deps);
    const matched = matchRegistries(request, current.registries);
    const locked = Object.entries(request.lock.plugins).map(([name, wanted]) => {
      const registry = registryOf(wanted, matched);
      return { namespace: toNamespace(name), wanted, registry, plugin: current.plugins.get(name) };
    });
    /** The plugins that are to be installed from a registry, by its name in the lock file. */
    const neededOf = (name: string): Set<string> =>
      new Set(
        locked.flatMap(({ namespace, plugin, wanted, registry }) =>
          wanted.registry === name && !isInstalled(plugin, wanted, registry) ? [namespace] : [],
        ),
      );
    const limit = pLimit(CONCURRENCY);
    const registries = await limit.map([...matched.values()], (one) =>
      checkRegistry(deps, one, neededOf(one.name), current.registries, signal),
    );
    const checked = new Map(registries.map((one) => [one.match.name, one]));
    const changes = await limit.map(locked, ({ namespace, wanted, registry, plugin }) =>
      planPlugin(
        { namespace, wanted, plugin, registry, from: checked.get(wanted.registry ?? "") },
        current.registries,
        signal,
      ),
    );
    const others = [...current.plugins.values()].filter(
      ({ namespace, locked: { origin } }) =>
        origin !== "builtin" && !Object.hasOwn(request.lock.plugins, namespace),
    );
    const steps = [
      ...changes.filter((one) => one !== undefined),
      ...(request.prune ? others.map(removal) : []),
    ];
    const reports = [...registries, ...steps].flatMap(({ shown }) => shown.conflicts);
    const before = await readPolicies(deps.documents);
    const wanted = request.lock.policies && normalPolicies(request.lock.policies);
    const policies = policyChanges(before, wanted);
    const isAdding = registries.some(({ shown }) => shown.id === null);
    return {
      plan: {
        registries: registries.map(({ shown }) => shown),
        plugins: steps.map(({ shown }) => shown),
        policies,
        same: locked.length - changes.filter((one) => one !== undefined).length,
        left: request.prune
          ? []
          : others.map(({ namespace, record: { version, origin } }) => ({ namespace, version, origin })),
        secrets: missingSecrets(request, current.plugins),
        done: steps.length === 0 && policies.length === 0 && reports.length === 0 && !isAdding,
        conflicts: reports.length,
      },
      steps,
      current,
      policies: wanted && policies.length > 0 ? { before, wanted } : undefined,
    };
  };
};
