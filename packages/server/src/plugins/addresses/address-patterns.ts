import { matchUrl } from "../../runtimes/url-pattern.ts";
import type { ActivePlugin } from "../types.ts";
import { lanraragiAddresses } from "./lanraragi-addresses.ts";

/** The pattern of the addresses that a plugin takes; undefined if it takes none. */
export const patternOf = ({ namespace, manifest, runtime }: ActivePlugin): string | undefined => {
  const known = runtime === "perl" && manifest.type === "metadata" ? lanraragiAddresses : undefined;
  return manifest.url_regex ?? known?.get(namespace);
};

/** Quarantines a plugin, with the reason. */
type SetAside = (plugin: ActivePlugin, reason: string) => Promise<void>;

/** Whether a plugin takes an address, by its `url_regex`. */
export type TakesAddress = (plugin: ActivePlugin, url: string) => Promise<boolean>;

/** A plugin whose pattern is too slow is quarantined, and its pattern is not tried again, so that it costs its time once. */
export const createTakesAddress = (setAside: SetAside): TakesAddress => {
  const slow = new Set<string>();
  return async (plugin, url) => {
    const pattern = patternOf(plugin);
    const { code, health } = plugin;
    if (pattern === undefined || (health.state === "quarantined" && slow.has(code.sha256))) return false;
    const match = await matchUrl(pattern, url);
    if (match === "too slow") {
      slow.add(code.sha256);
      await setAside(
        plugin,
        "its url_regex takes seconds for some addresses; its author can make it simpler",
      );
    }
    return match === "matches";
  };
};
