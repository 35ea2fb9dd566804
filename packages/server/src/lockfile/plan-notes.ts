import {
  type ErrorReport,
  HitagiError,
  type LockedPlugin,
  type Registry,
  type Setting,
} from "@hitagi/contract";
import { reportOf } from "../install/steps/plan.ts";
import {
  difference,
  hasOpenNetwork,
  permissionNames,
  scopesOf,
  withoutHosts,
} from "../runtimes/broker/grants.ts";
import type { CurrentPlugin } from "./current-set.ts";
import { differences } from "./differences.ts";

/** Says from where to where a plugin goes, if a sync takes it from another source. @param registry as of isInstalled */
export const replacementOf = (
  current: CurrentPlugin | undefined,
  wanted: LockedPlugin,
  registry: string | undefined,
  registries: readonly Registry[],
): ErrorReport[] => {
  if (!current) return [];
  const { namespace, record, locked } = current;
  const isMoved = registry !== undefined && current.registry !== registry;
  if (locked.origin === wanted.origin && !isMoved) return [];
  const known = registries.find(({ id }) => id === current.registry)?.name ?? "a registry that is gone";
  const from = locked.origin === "managed" ? `from ${known}` : locked.origin;
  const to = wanted.registry === undefined ? wanted.origin : `from ${wanted.registry}`;
  return [reportOf(new HitagiError("LOCK_REPLACES", { namespace, version: record.version, from, to }))];
};

/** The refusal of a value that a lock file has for a secret: the plan would show it, and an undo could not put back the one before. */
export const secretRefused = (namespace: string, name: string): HitagiError =>
  new HitagiError("VALIDATION_FAILED", {
    reason: `the lock file has a value of ${namespace}'s setting ${name}, which is a secret`,
  });

/** What is against the permissions and settings of a lock file for a plugin whose version stays. */
export const fieldConflicts = (
  { namespace, record, locked }: CurrentPlugin,
  wanted: LockedPlugin,
  settings: readonly Setting[],
): ErrorReport[] => {
  const changed = differences(locked, wanted);
  const scopes = scopesOf(wanted.granted);
  const limited = hasOpenNetwork(record) ? withoutHosts(scopes) : scopes;
  const excess = permissionNames(difference(limited, scopesOf(record.manifest.permissions ?? {})));
  const isGranted = changed.some(({ field }) => field === "granted");
  const names = changed.flatMap(({ field, name = "" }) => (field === "setting" ? [name] : []));
  const conflicts = names.flatMap((name) => {
    const known = settings.find((one) => one.name === name);
    // A value that no version here knows any more can be taken away.
    if (!known && Object.hasOwn(wanted.settings, name))
      return [new HitagiError("SETTING_UNKNOWN", { namespace, name })];
    return known && known.value === undefined ? [secretRefused(namespace, name)] : [];
  });
  if (isGranted && excess.length > 0)
    conflicts.unshift(new HitagiError("PERMISSION_NOT_ASKED", { namespace, permissions: excess.join(", ") }));
  return conflicts.map(reportOf);
};
