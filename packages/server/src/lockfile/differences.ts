import { isDeepStrictEqual } from "node:util";
import type { LockedPlugin, SyncedField } from "@hitagi/contract";
import { compareBuilds } from "../catalog/version-choice.ts";
import { type CurrentPlugin, normalPermissions } from "./current-set.ts";

type Field = SyncedField["field"];

const shown = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** The fields of a plugin in the order in which they are shown and set; flags that are absent have their default. */
const valuesOf = (plugin: LockedPlugin | undefined): [Exclude<Field, "setting">, unknown][] => [
  ["granted", plugin ? normalPermissions(plugin.granted) : {}],
  ["enabled", plugin?.enabled ?? false],
  ["hidden", plugin?.hidden ?? false],
  ["priority", plugin?.priority ?? 0],
  ["chain", plugin?.chain],
  ["automatic", plugin?.automatic],
  ["hold", plugin?.hold],
  ["skipped", plugin?.skipped ?? []],
];

/** What has to change of a plugin, beside its version, to be as the lock file says. */
export const differences = (current: LockedPlugin | undefined, wanted: LockedPlugin): SyncedField[] => {
  const before = new Map(valuesOf(current));
  const fields = valuesOf(wanted).flatMap(([field, to]) => {
    const from = before.get(field);
    return isDeepStrictEqual(from, to) ? [] : [{ field, from: shown(from), to: shown(to) }];
  });
  const [set, settings] = [
    new Map(Object.entries(current?.settings ?? {})),
    new Map(Object.entries(wanted.settings)),
  ];
  const names = [...new Set([...set.keys(), ...settings.keys()])].sort();
  const changed = names.filter((name) => set.get(name) !== settings.get(name));
  return [
    ...fields,
    ...changed.map((name) => ({
      ...{ field: "setting" as const, name },
      ...{ from: shown(set.get(name)), to: shown(settings.get(name)) },
    })),
  ];
};

/**
 * Whether the file of the lock file is installed, from the same registry.
 * @param registry the id of its registry here; undefined if the lock file names none
 */
export const isInstalled = (
  current: CurrentPlugin | undefined,
  { origin, sha256 }: LockedPlugin,
  registry: string | undefined,
): boolean => {
  if (current === undefined || current.locked.origin !== origin) return false;
  if (origin === "builtin") return true;
  return current.locked.sha256 === sha256 && (registry === undefined || current.registry === registry);
};

/** What a change of a plugin's file is called. */
export const actionOf = (
  current: CurrentPlugin | undefined,
  { origin, version = "" }: LockedPlugin,
  registry: string | undefined,
): "install" | "upgrade" | "downgrade" | "replace" => {
  if (current === undefined) return "install";
  const isMoved = registry !== undefined && current.registry !== registry;
  if (current.locked.origin !== origin || isMoved) return "replace";
  const order = compareBuilds(version, current.locked.version ?? "");
  if (order === 0) return "replace";
  return order > 0 ? "upgrade" : "downgrade";
};
