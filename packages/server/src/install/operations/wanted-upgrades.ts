import {
  describeWithdrawn,
  type ErrorReport,
  HitagiError,
  isHitagiError,
  type Namespace,
  quarantineRemedy,
  type Update,
} from "@hitagi/contract";
import { heldError } from "../../catalog/update-choices.ts";
import type { InstallDeps } from "../deps.ts";
import { type CurrentState, readCurrentState } from "../steps/current-state.ts";
import { reportOf } from "../steps/plan.ts";

/** A plugin that is to be upgraded, with its update; undefined if it has none. */
export interface WantedUpgrade {
  namespace: Namespace;
  update: Update | undefined;
}

/** The named plugins, or all with an update, each once and in the order of the names. */
export const wantedUpgrades = async (
  { catalog }: Pick<InstallDeps, "catalog">,
  namespaces: readonly Namespace[] | undefined,
): Promise<WantedUpgrade[]> => {
  const updates = new Map((await catalog.updates()).map((update) => [update.namespace, update]));
  const wanted = new Set(namespaces ?? updates.keys());
  return [...wanted].map((namespace) => ({ namespace, update: updates.get(namespace) }));
};

/** A failure as a part of an answer. An unexpected one is logged, and shown as INTERNAL. */
export const failureOf = (
  deps: Pick<InstallDeps, "log">,
  namespace: Namespace,
  error: unknown,
): ErrorReport => {
  if (isHitagiError(error)) return reportOf(error);
  deps.log.error({ err: error, namespace }, "an upgrade failed");
  return reportOf(new HitagiError("INTERNAL", { requestId: `upgrade of ${namespace}` }));
};

/** What is wrong with an installed version that has no update: it does not run, or its registry no longer offers it. */
const whyStuck = async (
  { catalog }: Pick<InstallDeps, "catalog">,
  { namespace, active, version = "" }: CurrentState,
): Promise<HitagiError | undefined> => {
  const { state = "ok", cause, reason = state } = active?.health ?? {};
  const withdrawn = (await catalog.withdrawn()).find((one) => one.namespace === namespace);
  if (state === "quarantined") {
    const remedy = quarantineRemedy(cause, namespace, withdrawn?.offered ?? null);
    return new HitagiError("NO_UPDATE_QUARANTINED", { namespace, version, reason, remedy });
  }
  if (state !== "ok") return new HitagiError("NO_UPDATE_BROKEN", { namespace, version, state });
  if (!withdrawn) return undefined;
  const { yank } = withdrawn;
  const { hint: remedy } = describeWithdrawn(withdrawn);
  if (!yank) return new HitagiError("NO_UPDATE_WITHDRAWN", { namespace, version, remedy });
  const at = yank.at.slice(0, 10);
  return new HitagiError("NO_UPDATE_YANKED", { namespace, version, at, reason: yank.reason, remedy });
};

const whyNothing = async (deps: InstallDeps, current: CurrentState): Promise<HitagiError> => {
  const { namespace, origin, registry } = current;
  if (!origin) return new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
  if (registry !== null && !(await deps.store.registries.get(registry))) {
    return new HitagiError("PLUGIN_REGISTRY_GONE", { namespace, registry });
  }
  const held = (await deps.catalog.heldUpdates()).find((one) => one.namespace === namespace);
  if (held) return heldError(held);
  return (await whyStuck(deps, current)) ?? new HitagiError("NO_UPDATE", { namespace });
};

/** The result for a plugin without an update. */
export const nothingToDo = async (
  deps: InstallDeps,
  namespace: Namespace,
): Promise<{ namespace: Namespace; from: string; to: string; error: ErrorReport }> => {
  const current = await readCurrentState(deps, namespace);
  const { version = "" } = current;
  const error = failureOf(deps, namespace, await whyNothing(deps, current));
  return { namespace, from: version, to: version, error };
};
