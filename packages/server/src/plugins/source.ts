import type { PluginRecord } from "../store/types.ts";
import type { ActivePlugin } from "./types.ts";

/** Where a plugin comes from: its registry's id, or `builtin`, or `sideloaded`. */
export const sourceOf = ({ registry, origin }: Pick<ActivePlugin, "registry" | "origin">): string =>
  registry ?? origin;

/**
 * The secrets of a namespace that a plugin from this source is not given: a namespace is only a name, and whoever
 * publishes under it elsewhere is somebody else. They stay, for the plugin that they were entered for may come back.
 */
export const withheldFrom = (
  { settings, secrets }: Pick<PluginRecord, "settings" | "secrets">,
  source: string,
): string[] =>
  Object.entries(secrets)
    .filter(([name, enteredFor]) => enteredFor !== source && Object.hasOwn(settings, name))
    .map(([name]) => name);
