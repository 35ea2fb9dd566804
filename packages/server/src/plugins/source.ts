import type { PluginRecord } from "../store/types.ts";
import type { ActivePlugin } from "./types.ts";

/** A plugin's source: its registry's id, `builtin` or `sideloaded`. */
export const sourceOf = ({ registry, origin }: Pick<ActivePlugin, "registry" | "origin">): string =>
  registry ?? origin;

/**
 * The secrets that a plugin from this source does not get, because they were entered for a plugin of the same namespace
 * from another source. They are kept, because that plugin may be installed again.
 */
export const withheldFrom = (
  { settings, secrets }: Pick<PluginRecord, "settings" | "secrets">,
  source: string,
): string[] =>
  Object.entries(secrets)
    .filter(([name, enteredFor]) => enteredFor !== source && Object.hasOwn(settings, name))
    .map(([name]) => name);
