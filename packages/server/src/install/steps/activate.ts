import { activePlugin } from "../../plugins/registry/active-plugin.ts";
import { changedChoices } from "../../store/contract/plugin-updates.ts";
import type { PluginRecord, UpdateChange } from "../../store/types.ts";
import type { LockedDeps } from "../locks.ts";
import type { Change } from "./stage.ts";

/**
 * Activates the version of a change, in one assignment without await: a call sees the old version or the new one, never
 * parts of both.
 * @param record gives the flags of a plugin that is not active; those of an active plugin are newer
 * @param updates what the change decides about later updates
 */
export const activate = (
  deps: LockedDeps,
  { current, after }: Change,
  record: PluginRecord | undefined,
  updates: UpdateChange,
): void => {
  const before = deps.active.get(current.namespace) ?? record;
  const flags = before && { ...before, updates: changedChoices(before.updates, updates) };
  const version = after && {
    ...after,
    origin: after.registry === null ? ("sideloaded" as const) : ("managed" as const),
    runtime: after.runtime.name,
  };
  deps.active.set(current.namespace, version && activePlugin(version, flags));
};
