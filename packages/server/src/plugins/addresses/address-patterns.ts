import { matchUrl } from "../../runtimes/url-pattern.ts";
import type { ActivePlugin } from "../types.ts";
import { lanraragiAddresses } from "./lanraragi-addresses.ts";

type Patterns = Pick<ActivePlugin["manifest"], "url_regex" | "source_regex">;

/** The patterns of the addresses that a plugin takes, of which one must fit; empty if it takes none. */
export const patternsOf = ({ namespace, manifest, runtime }: ActivePlugin): Patterns => {
  const { url_regex, source_regex } = manifest;
  const isKnown = runtime === "perl" && manifest.type === "metadata" && source_regex === undefined;
  const pattern = url_regex ?? (isKnown ? lanraragiAddresses.get(namespace) : undefined);
  return {
    ...(pattern !== undefined && { url_regex: pattern }),
    ...(source_regex !== undefined && { source_regex }),
  };
};

/** Quarantines a plugin, with the reason. */
type SetAside = (plugin: ActivePlugin, reason: string) => Promise<void>;

/** Whether a plugin takes an address, by one of its patterns. */
export type TakesAddress = (plugin: ActivePlugin, url: string) => Promise<boolean>;

/** A plugin whose pattern is too slow is quarantined, and its pattern is not tried again, so that it costs its time once. */
export const createTakesAddress = (setAside: SetAside): TakesAddress => {
  const slow = new Set<string>();
  return async (plugin, url) => {
    const { code, health } = plugin;
    for (const [name, pattern] of Object.entries(patternsOf(plugin))) {
      if (health.state === "quarantined" && slow.has(code.sha256)) return false;
      const match = await matchUrl(pattern, url);
      if (match === "matches") return true;
      if (match === "differs") continue;
      slow.add(code.sha256);
      await setAside(plugin, `its ${name} takes seconds for some addresses; its author can make it simpler`);
      return false;
    }
    return false;
  };
};
