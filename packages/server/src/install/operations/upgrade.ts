import { HitagiError, isHitagiError, type Namespace, type Update } from "@hitagi/contract";
import pLimit from "p-limit";
import type { InstallDeps } from "../deps.ts";
import type { Journal } from "../recovery/journal.ts";
import { type CurrentState, readCurrentState } from "../steps/current-state.ts";
import type { Progress, Upgraded } from "../types.ts";
import { install, stopIfCancelled } from "./install.ts";

/** Upgrades that run at once: each waits for its registry and for its sandbox in turn. */
const AT_ONCE = 4;

const failureOf = (deps: InstallDeps, namespace: Namespace, error: unknown): Upgraded["error"] => {
  if (isHitagiError(error)) return { code: error.code, message: error.message, hint: error.hint };
  deps.log.error({ err: error, namespace }, "an upgrade failed");
  const { code, message, hint } = new HitagiError("INTERNAL", { requestId: `upgrade of ${namespace}` });
  return { code, message, hint };
};

const upgradeOne = async (
  deps: InstallDeps,
  journal: Journal,
  { namespace, registry, installed, update }: Update,
  grant: boolean,
  { signal, onStep }: Progress,
): Promise<Upgraded> => {
  const result = { namespace, from: installed, to: update };
  try {
    stopIfCancelled(signal);
    const request = { namespace, registry, version: update, grant };
    await install(deps, journal, request, { signal, onStep: (step) => onStep?.(`${namespace}: ${step}`) });
    return { ...result, error: null };
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
  return new HitagiError("NO_UPDATE", { namespace });
};

/** A plugin that was named and has no update: it is not there, nobody can say, or it is up to date. */
const nothingToDo = async (deps: InstallDeps, namespace: Namespace): Promise<Upgraded> => {
  const current = await readCurrentState(deps, namespace);
  const { version = "" } = current;
  const error = failureOf(deps, namespace, await whyNothing(deps, current));
  return { namespace, from: version, to: version, error };
};

/** Upgrades the named plugins or all, each for itself; answers in the order named. See Installer.upgrade. */
export const upgrade = async (
  deps: InstallDeps,
  journal: Journal,
  namespaces: Namespace[] | undefined,
  grant: boolean,
  progress: Progress = {},
): Promise<Upgraded[]> => {
  const updates = new Map((await deps.catalog.updates()).map((u) => [u.namespace, u]));
  const wanted = new Set(namespaces ?? updates.keys());
  const limit = pLimit(AT_ONCE);
  return limit.map([...wanted], (namespace) => {
    const update = updates.get(namespace);
    return update ? upgradeOne(deps, journal, update, grant, progress) : nothingToDo(deps, namespace);
  });
};
