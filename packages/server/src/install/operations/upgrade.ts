import type { Namespace, Update } from "@hitagi/contract";
import pLimit from "p-limit";
import type { InstallDeps } from "../deps.ts";
import type { Upgraded, UpgradeOptions } from "../types.ts";
import { install } from "./install.ts";
import { judgeAutomatic, type Preview } from "./judge-automatic.ts";
import { stopIfCancelled } from "./run-operation.ts";
import { failureOf, nothingToDo, wantedUpgrades } from "./wanted-upgrades.ts";

/** Upgrades that run at the same time. Each waits for its registry and its sandbox. */
const CONCURRENCY = 4;

const upgradeOne = async (
  deps: InstallDeps,
  preview: Preview,
  wanted: Update,
  grant: boolean,
  { signal, onStep, isAutomatic = false, shown: agreed }: UpgradeOptions,
): Promise<Upgraded> => {
  const { namespace, registry, installed, update } = wanted;
  const result = { namespace, from: installed, to: update };
  try {
    stopIfCancelled(signal);
    // Another upgrade may have brought it.
    if (deps.active.get(namespace)?.manifest.version === update) return { ...result, error: null };
    // A schedule queues upgrades before it is known what they are.
    const isUnjudged = isAutomatic && agreed === undefined;
    const shown = isUnjudged ? await judgeAutomatic(deps, preview, wanted, signal) : agreed;
    const by = isAutomatic ? ("automatic" as const) : ("upgrade" as const);
    const request = { namespace, registry, version: update, grant, update: by, shown };
    const progress = { signal, onStep: (step: string) => onStep?.(`${namespace}: ${step}`) };
    const { warnings, required } = await install(deps, request, progress);
    return { ...result, error: null, ...(warnings && { warnings }), ...(required && { required }) };
  } catch (error) {
    return { ...result, error: failureOf(deps, namespace, error) };
  }
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
  preview: Preview,
  namespaces: Namespace[] | undefined,
  grant: boolean,
  options: UpgradeOptions = {},
): Promise<Upgraded[]> => {
  const wanted = await wantedUpgrades(deps, namespaces);
  const results = await pLimit(CONCURRENCY).map(wanted, ({ namespace, update }) =>
    update ? upgradeOne(deps, preview, update, grant, options) : nothingToDo(deps, namespace),
  );
  if (results.every(({ error }) => error !== null)) return results;
  for (const [n, result] of results.entries()) {
    const update = wanted[n]?.update;
    if (update && isWorthAnother(result))
      results[n] = await upgradeOne(deps, preview, update, grant, options);
  }
  return results;
};
