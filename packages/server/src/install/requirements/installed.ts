import {
  HitagiError,
  type Manifest,
  type Namespace,
  type PublishedDetails,
  type Requirements,
} from "@hitagi/contract";
import type { ActivePlugin } from "../../plugins/types.ts";
import { version as current } from "../../version.ts";
import type { InstallDeps } from "../deps.ts";
import type { RequirementsOption } from "../types.ts";
import { fitsHitagi, isInRange } from "./ranges.ts";
import { type Need, needsOf } from "./solve.ts";

type Needing = Pick<ActivePlugin, "namespace"> & { manifest: Pick<Manifest, "version" | "requires"> };

/** What a version asks for: by its manifest, and by the details of its registry. */
const requirementsOf = (
  { manifest: { version, requires } }: Needing,
  details: PublishedDetails | undefined,
): Requirements[] =>
  [requires, details?.versions.find((one) => one.version === version)?.requires].filter(
    (one) => one !== undefined,
  );

/** What it needs of other plugins. */
const needsOfVersion = (plugin: Needing, details: PublishedDetails | undefined): Need[] =>
  needsOf({
    ...{ namespace: plugin.namespace, version: plugin.manifest.version, isInstalled: true },
    requires: requirementsOf(plugin, details),
  });

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
    return plugins.flatMap((plugin, n) => needsOfVersion(plugin, details[n]));
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
  { ignoreRequirements = false }: RequirementsOption,
): Promise<void> => {
  const error = ignoreRequirements ? undefined : await requiredByOthers(deps, change);
  if (error) throw error;
};

/** A version that is put in place by itself: nothing is brought with it. */
export interface SingleVersion extends Needing {
  /** Null for a sideloaded one. */
  registry: string | null;
  /** The command that puts it in place. */
  command: string;
}

/** What keeps a version from working: the Hitagi or the plugins that it needs. What the installed version lacks too does not count. */
export const lackedBy = async (
  { catalog, active }: Pick<InstallDeps, "catalog" | "active">,
  { namespace, manifest, registry, command }: SingleVersion,
): Promise<HitagiError | undefined> => {
  const installed = active.get(namespace);
  const detailsOf = async (id: string | null | undefined) =>
    id ? (await catalog.details(id, [namespace]))[0] : undefined;
  const details = await detailsOf(registry);
  const before = installed && requirementsOf(installed, await detailsOf(installed.registry));
  const plugin = { namespace, manifest };
  const { version } = manifest;
  const range = requirementsOf(plugin, details).find(
    ({ hitagi }) =>
      hitagi !== undefined && !fitsHitagi(current, hitagi) && !before?.some((one) => one.hitagi === hitagi),
  )?.hitagi;
  const could = `\`${command} --ignore-requirements\` does it all the same. `;
  if (range !== undefined)
    return new HitagiError("HITAGI_NEEDED", { namespace, version, range, current, could });
  const need = needsOfVersion(plugin, details).find(
    (one) =>
      one.namespace !== namespace &&
      !isMet({ active }, one) &&
      !before?.some(({ plugins = {} }) => plugins[one.namespace] === one.range),
  );
  if (!need) return undefined;
  const other = active.get(need.namespace)?.manifest.version;
  const reason = other === undefined ? "it is not installed" : `${other} is installed`;
  const needed = { by: `${namespace} ${version}`, namespace: need.namespace, range: need.range };
  return new HitagiError("REQUIREMENT_LACKING", { ...needed, reason, command });
};

/** @throws HitagiError HITAGI_NEEDED, REQUIREMENT_LACKING, unless the owner says so */
export const assertLacksNothing = async (
  deps: Pick<InstallDeps, "catalog" | "active">,
  version: SingleVersion,
  { ignoreRequirements = false }: RequirementsOption,
): Promise<void> => {
  const error = ignoreRequirements ? undefined : await lackedBy(deps, version);
  if (error) throw error;
};
