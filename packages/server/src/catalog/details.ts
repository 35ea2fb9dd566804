import {
  MAX_CHANGELOGS,
  MAX_UPDATE_CHANGELOG,
  type PluginDetails,
  type PublishedDetails,
  type Registry,
  type RegistryTexts,
  type UpdateChangelog,
} from "@hitagi/contract";
import { LRUCache } from "lru-cache";
import type { Store } from "../store/types.ts";
import { type DetailsParts, noDetails } from "./details-examine.ts";
import { splitDetails } from "./index-check.ts";
import { compareBuilds, newestFirst } from "./version-choice.ts";

/** Bytes of details that are in memory. */
const MAX_CACHE_BYTES = 64 * 1024 * 1024;

type Refreshed = Pick<Registry, "id" | "refreshed">;

/** Reads the cached registry.details.json of registries. */
export interface DetailsReader {
  /** What the keeper says about a registry; empty where it says nothing. */
  registry(registry: Refreshed): Promise<RegistryTexts>;
  /** The details of a plugin; undefined where there are none. */
  plugin(registry: Refreshed, namespace: string): Promise<PluginDetails | undefined>;
  /** Drops what is in memory of a registry. */
  forget(id: string): void;
}

export const createDetailsReader = ({ catalog }: Pick<Store, "catalog">): DetailsReader => {
  /** By registry and the time of its refresh. */
  const cache = new LRUCache<string, DetailsParts, string>({
    maxSize: MAX_CACHE_BYTES,
    sizeCalculation: ({ plugins }) => Math.max(1, plugins.length),
    fetchMethod: async (_key, _stale, { context: id }) => {
      const bytes = await catalog.details(id);
      return bytes ? splitDetails(bytes) : noDetails;
    },
  });
  const partsOf = async ({ id, refreshed }: Refreshed): Promise<DetailsParts> =>
    refreshed === undefined
      ? noDetails
      : ((await cache.fetch(`${id}\t${refreshed}`, { context: id })) ?? noDetails);

  return {
    registry: async (registry) => (await partsOf(registry)).registry,
    plugin: async (registry, namespace) => {
      const { plugins, places } = await partsOf(registry);
      const place = places.get(namespace);
      return place && JSON.parse(plugins.toString("utf8", ...place));
    },
    forget: (id) => {
      for (const key of [...cache.keys()]) if (key.startsWith(`${id}\t`)) cache.delete(key);
    },
  };
};

const listed = <T extends object>(versions: Readonly<Record<string, T>> = {}): (T & { version: string })[] =>
  newestFirst(Object.keys(versions)).map((version) => ({ version, ...(versions[version] as T) }));

/** The details of a plugin as the API answers them. */
export const publishedDetails = ({ versions, yanked, ...texts }: PluginDetails): PublishedDetails => ({
  ...texts,
  versions: listed(versions).map(({ changelog, ...version }, n) =>
    changelog === undefined || n >= MAX_CHANGELOGS ? version : { ...version, changelog },
  ),
  yanked: listed(yanked),
});

/** The versions that are not yanked; all of them if each one is. */
export const unyanked = (versions: readonly string[], details: PluginDetails | undefined): string[] => {
  const { yanked = {} } = details ?? {};
  const left = versions.filter((version) => !Object.hasOwn(yanked, version));
  return left.length > 0 ? left : [...versions];
};

/** The changelogs of the versions after one up to another, newest first; undefined where there is none. */
export const changelogBetween = (
  details: PluginDetails | undefined,
  after: string,
  upTo: string,
): UpdateChangelog | undefined => {
  const found: UpdateChangelog = [];
  let left = MAX_UPDATE_CHANGELOG;
  for (const { version, changelog } of listed(details?.versions)) {
    if (changelog === undefined || compareBuilds(version, upTo) > 0) continue;
    left -= changelog.length;
    if (compareBuilds(version, after) <= 0 || left < 0) break;
    found.push({ version, changelog });
  }
  return found.length > 0 ? found : undefined;
};
