import { HitagiError, type Namespace, type Requirements } from "@hitagi/contract";
import type { ActivePlugin } from "../../plugins/types.ts";
import type { InstallDeps } from "../deps.ts";
import { isInRange } from "./ranges.ts";
import { type Need, needsOf } from "./solve.ts";

/** What an installed plugin needs: by its manifest, and by the details of its registry. */
const requirementsOf = async (
  { catalog }: Pick<InstallDeps, "catalog">,
  { namespace, manifest, registry }: ActivePlugin,
): Promise<Requirements[]> => {
  const details = registry === null ? undefined : await catalog.details(registry, namespace);
  const said = details?.versions.find(({ version }) => version === manifest.version)?.requires;
  return [manifest.requires, said].filter((one) => one !== undefined);
};

/** What all installed plugins need of others. */
export const installedNeeds = async (deps: Pick<InstallDeps, "catalog" | "active">): Promise<Need[]> => {
  const all = deps.active.list().map(async (plugin) => {
    const requires = await requirementsOf(deps, plugin);
    const { namespace, manifest } = plugin;
    return needsOf({ namespace, version: manifest.version, requires, isInstalled: true });
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
