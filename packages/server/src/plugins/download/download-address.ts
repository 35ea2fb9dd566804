import { redact } from "@hitagi/contract";
import type { TakesAddress } from "../addresses/address-patterns.ts";
import type { ActivePlugin, ActivePlugins } from "../types.ts";

const rank = ({ health, origin }: ActivePlugin) =>
  (health.state === "ok" ? 0 : 2) + (origin === "builtin" ? 1 : 0);

export interface DownloaderDeps {
  active: Pick<ActivePlugins, "list">;
  takes: TakesAddress;
}

/**
 * The download plugins that take an address; the first one downloads it. Healthy plugins come first, and plugins for one site before
 * builtins, which may match any address.
 */
export const downloadersOf = async (
  { active, takes }: DownloaderDeps,
  url: string,
): Promise<ActivePlugin[]> => {
  const found: ActivePlugin[] = [];
  for (const plugin of active.list()) {
    if (plugin.manifest.type === "download" && (await takes(plugin, url))) found.push(plugin);
  }
  return found.toSorted((a, b) => rank(a) - rank(b));
};

/** The source tag as LANraragi writes it: without the scheme. A comma would end the tag; secrets are redacted. */
export const sourceTag = ({ host, pathname, search }: URL) =>
  redact(`source:${host}${pathname}${search}`).replaceAll(",", "%2C");
