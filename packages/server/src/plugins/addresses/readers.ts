import { type AddressReader, HitagiError } from "@hitagi/contract";
import type { ActivePlugin, ActivePlugins } from "../types.ts";
import { patternsOf, type TakesAddress } from "./address-patterns.ts";
import { sitesOf } from "./pattern-sites.ts";
import { webAddressOf } from "./web-address.ts";

/** The metadata plugins that read addresses. */
export interface AddressReaders {
  /** All of them, in the order in which one is chosen. */
  all(): ActivePlugin[];
  /** Those that read this address, the chosen one first. */
  of(address: string): Promise<ActivePlugin[]>;
  /**
   * The plugin that reads an address that a person gave, and the address with its scheme.
   * @throws HitagiError NO_ADDRESS_READER, which names the plugins that there are and their sites
   */
  choose(text: string): Promise<{ plugin: ActivePlugin; address: string }>;
}

/** Plugins that can run first, of these the enabled ones in their order, then the others by namespace. */
const byChoice = (a: ActivePlugin, b: ActivePlugin): number =>
  Number(a.health.state !== "ok") - Number(b.health.state !== "ok") ||
  Number(b.enabled) - Number(a.enabled) ||
  (a.enabled ? a.priority - b.priority : 0) ||
  (a.namespace < b.namespace ? -1 : 1);

/** A reader as the API shows it. */
export const shownReader = (plugin: ActivePlugin): AddressReader => {
  const { url_regex = "", source_regex } = patternsOf(plugin);
  return {
    plugin: plugin.namespace,
    name: plugin.manifest.name,
    sites: [...new Set([url_regex, source_regex ?? ""].flatMap(sitesOf))],
    url_regex,
    ...(source_regex !== undefined && { source_regex }),
    enabled: plugin.enabled,
    usable: plugin.health.state === "ok",
  };
};

const readersText = (plugins: readonly ActivePlugin[]): string => {
  if (plugins.length === 0) return "none is installed that reads addresses";
  return plugins
    .map(shownReader)
    .map(({ plugin, sites }) => `${plugin} (${sites.join(", ") || "see its url_regex or source_regex"})`)
    .join(", ");
};

export const createAddressReaders = (
  active: Pick<ActivePlugins, "list">,
  takes: TakesAddress,
): AddressReaders => {
  const all = (): ActivePlugin[] =>
    active
      .list()
      .filter((plugin) => plugin.manifest.type === "metadata" && Object.keys(patternsOf(plugin)).length > 0)
      .toSorted(byChoice);

  const readersOf = async (address: string): Promise<ActivePlugin[]> => {
    const found: ActivePlugin[] = [];
    for (const plugin of all()) if (await takes(plugin, address)) found.push(plugin);
    return found;
  };

  return {
    all,
    of: readersOf,
    async choose(text) {
      const address = webAddressOf(text);
      const [plugin] = address === undefined ? [] : await readersOf(address);
      if (plugin !== undefined && address !== undefined) return { plugin, address };
      throw new HitagiError("NO_ADDRESS_READER", { url: text, readers: readersText(all()) });
    },
  };
};
