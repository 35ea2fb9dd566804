import type { ActivePlugin } from "../../plugins/types.ts";
import type { PluginRecord } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { Change, IncomingVersion } from "./commit.ts";

type Flags = Pick<ActivePlugin, "enabled" | "hidden" | "priority">;

const unset: Flags = { enabled: false, hidden: false, priority: 0 };

const activePlugin = (after: IncomingVersion, { enabled, hidden, priority }: Flags): ActivePlugin => ({
  namespace: after.manifest.namespace,
  manifest: after.manifest,
  origin: after.registry === null ? "sideloaded" : "managed",
  runtime: after.runtime.name,
  path: after.path,
  registry: after.registry,
  code: after.code,
  granted: after.granted,
  enabled,
  hidden,
  priority,
  health: { state: "ok" },
});

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
  const flags = deps.active.get(current.namespace) ?? record ?? unset;
  deps.active.set(current.namespace, after && activePlugin(after, flags));
};
