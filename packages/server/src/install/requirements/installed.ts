import { HitagiError, type Namespace, type PublishedDetails } from "@hitagi/contract";
import type { ActivePlugin } from "../../plugins/types.ts";
import type { InstallDeps } from "../deps.ts";
import { isInRange } from "./ranges.ts";
import { type Need, needsOf } from "./solve.ts";

/** What a plugin needs: by its manifest, and by the details of its registry. */
const needsOfInstalled = (
  { namespace, manifest: { version, requires } }: ActivePlugin,
  details: PublishedDetails | undefined,
): Need[] => {
  const said = details?.versions.find((one) => one.version === version)?.requires;
  const all = [requires, said].filter((one) => one !== undefined);
  return needsOf({ namespace, version, requires: all, isInstalled: true });
};

/** What all installed plugins need of others. Reads each registry once. */
export const installedNeeds = async ({
  catalog,
  active,
}: Pick<InstallDeps, "catalog" | "active">): Promise<Need[]> => {
  const installed = active.list();
  const registries = [...new Set(installed.map(({ registry }) => registry))];
  const all = registries.map(async (registry) => {
    const plugins = installed.filter((plugin) => plugin.registry === registry);
    const namespaces = plugins.map(({ namespace }) => namespace);
    const details = registry === null ? [] : await catalog.details(registry, namespaces);
    return plugins.flatMap((plugin, n) => needsOfInstalled(plugin, details[n]));
  });
  return (await Promise.all(all)).flat();
};

/** Whether a need is met by what is installed. */
export const isMet = (
  { active }: Pick<InstallDeps, "active">,
  { namespace, range }: Pick<Need, "namespace" | "range">,
): boolean => {
  const plugin = active.get(namespace);
  return plugin !== undefined && isInRange(plugin.manifest.version, range);
};

/** A change of one plugin that asks nothing of other plugins. */
export interface SingleChange {
  namespace: Namespace;
  /** The version afterwards; undefined for none. */
  version: string | undefined;
  /** The command that makes the change. */
  command: string;
}

/** The error for a change after which other installed plugins lack what they need and have now; undefined where none does. */
export const requiredByOthers = async (
  deps: Pick<InstallDeps, "catalog" | "active">,
  { namespace, version, command }: SingleChange,
): Promise<HitagiError | undefined> => {
  const broken = (await installedNeeds(deps)).filter(
    (need) =>
      need.namespace === namespace &&
      need.by.namespace !== namespace &&
      isMet(deps, need) &&
      !(version !== undefined && isInRange(version, need.range)),
  );
  if (broken.length === 0) return undefined;
  const by = [...new Set(broken.map((need) => `${need.by.namespace} (${need.range})`))].join(", ");
  const instead = version === undefined ? "" : `, and would be ${version}`;
  return new HitagiError("PLUGIN_REQUIRED", { namespace, by, instead, command });
};

/**
 * Refuses a change after which other installed plugins lack what they need, unless the owner says so.
 * @throws HitagiError PLUGIN_REQUIRED
 */
export const assertNotRequired = async (
  deps: Pick<InstallDeps, "catalog" | "active">,
  change: SingleChange,
  { ignoreRequirements = false }: { ignoreRequirements?: boolean | undefined },
): Promise<void> => {
  const error = ignoreRequirements ? undefined : await requiredByOthers(deps, change);
  if (error) throw error;
};
