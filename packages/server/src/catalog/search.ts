import type { OfferedPlugin, Update } from "@hitagi/contract";
import type { Store } from "../store/types.ts";
import { type RefreshedRegistry, refreshedRegistries, refreshedRegistry } from "./refreshed.ts";
import {
  byNamespace,
  createJoin,
  createSearchIndex,
  findOffers,
  type Offer,
  type SearchIndex,
} from "./search-index.ts";
import type { Catalog, InstalledVersion, OfferFilter } from "./types.ts";
import { chooseUpdate, parseVersion } from "./version-choice.ts";

export interface SearchDeps {
  store: Pick<Store, "registries" | "catalog">;
  /** What is installed under a namespace in small letters. */
  installed: (namespace: string) => InstalledVersion | undefined;
  /** Everything that is installed, by namespace. */
  listInstalled: () => Iterable<[namespace: string, InstalledVersion]>;
}

/** Search over the cached indexes: that part of the catalog which holds them in memory. */
export const createSearch = ({
  store,
  installed,
  listInstalled,
}: SearchDeps): Pick<Catalog, "search" | "updates" | "forget"> => {
  const shelves = new Map<string, { refreshed: number; shelf: Promise<SearchIndex> }>();
  const join = createJoin();

  const shelfOf = ({ id, refreshed }: RefreshedRegistry): Promise<SearchIndex> => {
    const known = shelves.get(id);
    if (known?.refreshed === refreshed) return known.shelf;
    const shelf = store.catalog.summaries(id).then((summaries) => createSearchIndex(id, summaries));
    shelves.set(id, { refreshed, shelf });
    // A failure is the caller's to see, and must not be remembered.
    shelf.catch(() => shelves.get(id)?.shelf === shelf && shelves.delete(id));
    return shelf;
  };

  /** A prerelease may be followed by one that is not the version on the shelf. */
  const updateOf = async (offer: Offer, here = installed(offer.namespace)): Promise<string | undefined> => {
    if (here === undefined || here.registry !== offer.registry) return undefined;
    if (!parseVersion(here.version)?.prerelease.length) return chooseUpdate(here.version, [offer.version]);
    const entry = await store.catalog.entry(offer.registry, offer.namespace);
    return entry && chooseUpdate(here.version, Object.keys(entry.versions));
  };

  const matching = async ({ registry, type }: OfferFilter, q: string): Promise<Offer[]> => {
    const registries =
      registry === undefined ? await refreshedRegistries(store) : [await refreshedRegistry(store, registry)];
    const shelved = await Promise.all(registries.map(shelfOf));
    return findOffers(join(shelved), q, type);
  };

  const narrowed = async (offers: Offer[], filter: OfferFilter): Promise<Offer[]> => {
    const isInstalled = ({ namespace }: Offer) => installed(namespace) !== undefined;
    const wanted =
      filter.installed === undefined
        ? offers
        : offers.filter((offer) => isInstalled(offer) === filter.installed);
    if (filter.update === undefined) return wanted;
    const updatable = new Set<Offer>();
    for (const offer of wanted.filter(isInstalled)) if (await updateOf(offer)) updatable.add(offer);
    return wanted.filter((offer) => updatable.has(offer) === filter.update);
  };

  const offered = async (offer: Offer): Promise<OfferedPlugin> => ({
    ...offer,
    installed: installed(offer.namespace)?.version ?? null,
    update: (await updateOf(offer)) ?? null,
  });

  const updateFor = async (
    registry: RefreshedRegistry,
    namespace: string,
    here: InstalledVersion,
  ): Promise<Update | undefined> => {
    const offer = (await shelfOf(registry)).get(namespace);
    const update = offer && (await updateOf(offer, here));
    return update === undefined
      ? undefined
      : { namespace, registry: registry.id, installed: here.version, update };
  };

  return {
    search: async (filter) => {
      const { page, size } = filter;
      const q = (filter.q ?? "").trim().toLowerCase();
      const all = await narrowed(await matching(filter, q), filter);
      const items = await Promise.all(all.slice((page - 1) * size, page * size).map(offered));
      return { total: all.length, page, size, items };
    },
    updates: async () => {
      const refreshed = new Map(
        (await refreshedRegistries(store)).map((registry) => [registry.id, registry]),
      );
      const found = await Promise.all(
        [...listInstalled()].map(([namespace, here]) => {
          const registry = refreshed.get(here.registry ?? "");
          return registry && updateFor(registry, namespace.toLowerCase(), here);
        }),
      );
      return found.filter((update) => update !== undefined).sort(byNamespace);
    },
    forget: (id) => void shelves.delete(id),
  };
};
