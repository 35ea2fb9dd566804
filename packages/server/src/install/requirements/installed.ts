import type { Namespace, Requirements } from "@hitagi/contract";
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

/** The needs of other installed plugins that are met, and would not be without a plugin. */
export const neededBy = async (
  deps: Pick<InstallDeps, "catalog" | "active">,
  namespace: Namespace,
): Promise<Need[]> =>
  (await installedNeeds(deps)).filter(
    (need) => need.namespace === namespace && need.by.namespace !== namespace && isMet(deps, need),
  );
