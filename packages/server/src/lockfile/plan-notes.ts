import {
  type ErrorReport,
  HitagiError,
  isHitagiError,
  type LockedPlugin,
  type Manifest,
  type Namespace,
  type Registry,
  type Setting,
} from "@hitagi/contract";
import { reportOf } from "../install/steps/plan.ts";
import type { RestorePlan } from "../install/types.ts";
import { settingErrors } from "../plugins/settings.ts";
import {
  difference,
  hasOpenNetwork,
  permissionNames,
  scopesOf,
  withoutHosts,
} from "../runtimes/broker/grants.ts";
import type { CurrentPlugin } from "./current-set.ts";
import { differences } from "./differences.ts";

/** The error of a failure that is a conflict of a plan. @throws any other error */
export const conflictOf = (error: unknown): HitagiError => {
  if (!isHitagiError(error) || isHitagiError(error, "STOPPING", "STORE_FAILED", "STORE_UNREACHABLE"))
    throw error;
  return error;
};

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

/** The permissions of a lock file that a version does not ask for, as an error; undefined where it asks for all. */
const excessError = (
  namespace: Namespace,
  { granted }: LockedPlugin,
  version: Parameters<typeof hasOpenNetwork>[0],
): HitagiError | undefined => {
  const scopes = scopesOf(granted);
  const limited = hasOpenNetwork(version) ? withoutHosts(scopes) : scopes;
  const excess = permissionNames(difference(limited, scopesOf(version.manifest.permissions ?? {})));
  if (excess.length === 0) return undefined;
  return new HitagiError("PERMISSION_NOT_ASKED", { namespace, permissions: excess.join(", ") });
};

/** What is against the settings of a lock file for a version that is to be put in place. */
export const settingConflicts = (
  namespace: Namespace,
  { settings }: LockedPlugin,
  manifest: Manifest,
): ErrorReport[] => {
  const { parameters = {} } = manifest;
  const secrets = Object.keys(settings).filter((name) => parameters[name]?.type === "secret");
  const own = Object.entries(settings).filter(([name]) => !secrets.includes(name));
  return [
    ...secrets.map((name) => secretRefused(namespace, name)),
    ...settingErrors({ namespace, manifest }, Object.fromEntries(own)),
  ].map(reportOf);
};

/** What is against the permissions and settings of a lock file for a kept version. */
export const keptConflicts = (
  namespace: Namespace,
  wanted: LockedPlugin,
  { manifest, runtime, conflicts }: RestorePlan,
): ErrorReport[] => {
  const excess = manifest && runtime && excessError(namespace, wanted, { manifest, runtime });
  return [
    ...[...conflicts, ...(excess ? [excess] : [])].map(reportOf),
    ...(manifest ? settingConflicts(namespace, wanted, manifest) : []),
  ];
};

/** What is against the permissions and settings of a lock file for a plugin whose version stays. */
export const fieldConflicts = (
  { namespace, record, locked }: CurrentPlugin,
  wanted: LockedPlugin,
  settings: readonly Setting[],
): ErrorReport[] => {
  const changed = differences(locked, wanted);
  const excess = excessError(namespace, wanted, record);
  const isGranted = changed.some(({ field }) => field === "granted");
  const names = changed.flatMap(({ field, name = "" }) => (field === "setting" ? [name] : []));
  const conflicts = names.flatMap((name) => {
    const known = settings.find((one) => one.name === name);
    // A value that no version here knows any more can be taken away.
    if (!known && Object.hasOwn(wanted.settings, name))
      return [new HitagiError("SETTING_UNKNOWN", { namespace, name })];
    return known && known.value === undefined ? [secretRefused(namespace, name)] : [];
  });
  return [...(isGranted && excess ? [excess] : []), ...conflicts].map(reportOf);
};
