import { HitagiError, isHitagiError, type Namespace, type Update } from "@hitagi/contract";
import pLimit from "p-limit";
import { heldError } from "../../catalog/update-choices.ts";
import type { InstallDeps } from "../deps.ts";
import { type CurrentState, readCurrentState } from "../steps/current-state.ts";
import type { Upgraded, UpgradeOptions } from "../types.ts";
import { install } from "./install.ts";
import { stopIfCancelled } from "./run-operation.ts";

/** Upgrades that run at the same time. Each waits for its registry and its sandbox. */
const CONCURRENCY = 4;

const failureOf = (deps: InstallDeps, namespace: Namespace, error: unknown): Upgraded["error"] => {
  if (isHitagiError(error)) return { code: error.code, message: error.message, hint: error.hint };
  deps.log.error({ err: error, namespace }, "an upgrade failed");
  const { code, message, hint } = new HitagiError("INTERNAL", { requestId: `upgrade of ${namespace}` });
  return { code, message, hint };
};

const upgradeOne = async (
  deps: InstallDeps,
  { namespace, registry, installed, update }: Update,
  grant: boolean,
  { signal, onStep, isAutomatic = false }: UpgradeOptions,
): Promise<Upgraded> => {
  const result = { namespace, from: installed, to: update };
  try {
    stopIfCancelled(signal);
    // Another upgrade may have brought it.
    if (deps.active.get(namespace)?.manifest.version === update) return { ...result, error: null };
    const by = isAutomatic ? ("automatic" as const) : ("upgrade" as const);
    const request = { namespace, registry, version: update, grant, update: by };
    const progress = { signal, onStep: (step: string) => onStep?.(`${namespace}: ${step}`) };
    const { warnings, required } = await install(deps, request, progress);
    return { ...result, error: null, ...(warnings && { warnings }), ...(required && { required }) };
  } catch (error) {
    return { ...result, error: failureOf(deps, namespace, error) };
  }
};

const whyNothing = async (
  deps: InstallDeps,
  { namespace, origin, registry }: CurrentState,
): Promise<HitagiError> => {
  if (!origin) return new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
  if (registry !== null && !(await deps.store.registries.get(registry))) {
    return new HitagiError("PLUGIN_REGISTRY_GONE", { namespace, registry });
  }
  const held = (await deps.catalog.heldUpdates()).find((one) => one.namespace === namespace);
  if (held) return heldError(held);
  return new HitagiError("NO_UPDATE", { namespace });
};

/** The result for a named plugin without an update. */
const nothingToDo = async (deps: InstallDeps, namespace: Namespace): Promise<Upgraded> => {
  const current = await readCurrentState(deps, namespace);
  const { version = "" } = current;
  const error = failureOf(deps, namespace, await whyNothing(deps, current));
  return { namespace, from: version, to: version, error };
};

/** Failures that another upgrade of the same call may have ended. */
const isWorthAnother = ({ error }: Upgraded): boolean =>
  error !== null && ["PLUGIN_BUSY", "REQUIREMENT_UNMET", "REQUIREMENT_BROKEN"].includes(error.code);

/**
 * Upgrades the named plugins, or all, independently: what one needs is upgraded with it. Results are in the order of the names. See
 * Installer.upgrade.
 */
export const upgrade = async (
  deps: InstallDeps,
  namespaces: Namespace[] | undefined,
  grant: boolean,
  options: UpgradeOptions = {},
): Promise<Upgraded[]> => {
  const updates = new Map((await deps.catalog.updates()).map((u) => [u.namespace, u]));
  const wanted = new Set(namespaces ?? updates.keys());
  const limit = pLimit(CONCURRENCY);
  const results = await limit.map([...wanted], (namespace) => {
    const update = updates.get(namespace);
    return update ? upgradeOne(deps, update, grant, options) : nothingToDo(deps, namespace);
  });
  if (results.every(({ error }) => error !== null)) return results;
  for (const [n, result] of results.entries()) {
    const update = updates.get(result.namespace);
    if (update && isWorthAnother(result)) results[n] = await upgradeOne(deps, update, grant, options);
  }
  return results;
};
