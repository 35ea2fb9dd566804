import { HitagiError, type ShownVersion, shownVersions, type Update } from "@hitagi/contract";
import type { ActivePlugin } from "../../plugins/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstallSet } from "../requirements/plan-set.ts";
import { showSet } from "../requirements/show-set.ts";
import type { InstallRequest } from "../types.ts";

/** Plans an install as {@link createPreview} does. */
export type Preview = (request: InstallRequest, signal?: AbortSignal) => Promise<InstallSet>;

/** A version in another language would be confined in another way. */
const isOtherRuntime = ({ target }: InstallSet["plan"], { runtime }: ActivePlugin): boolean =>
  target?.runtime.name !== runtime;

/** What of an update without conflicts the owner has to decide on; undefined if nothing is. */
const whyOwner = ({ plan }: InstallSet, plugin: ActivePlugin): string | undefined => {
  if (!plan.grants || plan.grants.more.length > 0) return "it asks for more permissions";
  const known = new Set(plugin.manifest.uses ?? []);
  if (plan.uses.some((one) => !known.has(one))) return "it calls functions of other plugins";
  if (plan.action !== "upgrade") return "it is no upgrade";
  return isOtherRuntime(plan, plugin) ? "its runtime changes" : undefined;
};

/** See Installer.judgeAutomatic. */
export const judgeAutomatic = async (
  { active, catalog }: Pick<InstallDeps, "active" | "catalog">,
  preview: Preview,
  { namespace, registry, update: version }: Update,
  signal: AbortSignal | undefined,
): Promise<ShownVersion[]> => {
  const leave = (reason: string) => new HitagiError("UPDATE_NEEDS_OWNER", { namespace, version, reason });
  const plugin = active.get(namespace);
  if (!plugin) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
  if (plugin.health.state !== "ok") throw leave("the installed version is quarantined");
  if ((await catalog.withdrawn()).some((one) => one.namespace === namespace))
    throw leave("its registry no longer offers the installed version");
  const set = await preview({ namespace, registry, version, update: "automatic" }, signal);
  const [conflict] = set.plan.conflicts;
  if (conflict) throw conflict;
  const reason = whyOwner(set, plugin);
  if (reason !== undefined) throw leave(reason);
  return shownVersions(showSet(set));
};
