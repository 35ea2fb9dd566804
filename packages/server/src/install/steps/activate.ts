import { activePlugin } from "../../plugins/registry/active-plugin.ts";
import type { PluginRecord } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { Change } from "./commit.ts";

/**
 * Points the running set at what a change brought. One assignment, with nothing awaited: a call that begins later gets
 * the new version, and none sees parts of two.
 * @param record the flags of a plugin that is not in force; those in force are fresher
 */
export const activate = (
  deps: InstallDeps,
  { current, after }: Change,
  record: PluginRecord | undefined,
): void => {
  const flags = deps.active.get(current.namespace) ?? record;
  const version = after && {
    ...after,
    origin: after.registry === null ? ("sideloaded" as const) : ("managed" as const),
    runtime: after.runtime.name,
  };
  deps.active.set(current.namespace, version && activePlugin(version, flags));
};
