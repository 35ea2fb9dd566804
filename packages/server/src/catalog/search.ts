import { setImmediate } from "node:timers/promises";
import {
  type AskedPermission,
  comparableText,
  type HeldUpdate,
  HitagiError,
  libraryRights,
  type Namespace,
  type OfferedPlugin,
  type Registry,
  type RequestedPermissions,
  type Update,
  type Withdrawn,
} from "@hitagi/contract";
import { parseVersion } from "../semantic-version.ts";
import type { Store } from "../store/types.ts";
import { changelogBetween, createDetailsReader, type DetailsReader, unyanked } from "./details.ts";
import {
  byNamespace,
  createJoin,
  createSearchIndex,
  findOffers,
  type Offer,
  type SearchIndex,
} from "./search-index.ts";
import type { Catalog, InstalledVersion, OfferFilter } from "./types.ts";
import { objectionTo } from "./update-choices.ts";
import { chooseUpdate, chooseVersion } from "./version-choice.ts";

/** A registry that has a cached index. */
type RefreshedRegistry = Registry & { refreshed: number };

const placeOf = ({ id, name }: Registry, namespace: Namespace) => ({
  namespace,
  registry: id,
  registryName: name,
});

type RegistryStores = Pick<Store, "registries" | "catalog">;

const isRefreshed = (registry: Registry | undefined): registry is RefreshedRegistry =>
  registry?.refreshed !== undefined;

/** Also a registry whose index another program cached; reading its meta data notes that. */
const withIndex = async (
  { registries, catalog }: RegistryStores,
  registry: Registry,
): Promise<RefreshedRegistry | undefined> => {
  if (isRefreshed(registry)) return registry;
  if ((await catalog.meta(registry.id)) === undefined) return undefined;
  const read = await registries.get(registry.id);
  return isRefreshed(read) ? read : undefined;
};

/** @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_NOT_REFRESHED */
export const refreshedRegistry = async (store: RegistryStores, id: string): Promise<RefreshedRegistry> => {
  const registry = await store.registries.get(id);
  if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
  const refreshed = await withIndex(store, registry);
  if (refreshed === undefined) throw new HitagiError("REGISTRY_NOT_REFRESHED", { id, name: registry.name });
  return refreshed;
};

/** The registries that have a cached index, oldest first. */
export const refreshedRegistries = async (store: RegistryStores): Promise<RefreshedRegistry[]> => {
  const all = await store.registries.list();
  const refreshed = await Promise.all(all.map((registry) => withIndex(store, registry)));
  return refreshed.filter(isRefreshed);
};

/** Offers whose details are read before other work gets its turn. */
const PART = 200;

const asksFor = ({ net = [], library, files }: RequestedPermissions, asks: AskedPermission): boolean => {
  const kinds = {
    net: net.length > 0,
    library: libraryRights(library).length > 0,
    files: files !== undefined,
  };
  return asks === "none" ? !Object.values(kinds).includes(true) : kinds[asks];
};

export interface SearchDeps {
  store: Pick<Store, "registries" | "catalog">;
  /** The installed version of a lower-case namespace. */
  installed: (namespace: Namespace) => InstalledVersion | undefined;
  /** All installed versions by namespace. */
  listInstalled: () => Iterable<[namespace: Namespace, InstalledVersion]>;
  details?: Pick<DetailsReader, "plugin">;
}

/** Search and updates over the cached indexes, which it keeps in memory. */
export const createSearch = ({
  store,
  installed,
  listInstalled,
  details = createDetailsReader(store),
}: SearchDeps): Pick<Catalog, "search" | "updates" | "heldUpdates" | "withdrawn" | "forget"> => {
  const cache = new Map<string, { refreshed: number; isGenerated: boolean; index: Promise<SearchIndex> }>();
  const join = createJoin();

  const indexOf = ({ id, refreshed, generateIndex = false }: RefreshedRegistry): Promise<SearchIndex> => {
    const cached = cache.get(id);
    if (cached?.refreshed === refreshed) return cached.index;
    const index = store.catalog.summaries(id).then((summaries) => createSearchIndex(id, summaries));
    cache.set(id, { refreshed, isGenerated: generateIndex, index });
    // The caller gets the failure; the next call reads again.
    index.catch(() => cache.get(id)?.index === index && cache.delete(id));
    return index;
  };

  const isGenerated = (registry: string): boolean => cache.get(registry)?.isGenerated ?? false;

  const detailsOf = ({ registry: id, namespace }: Offer) => {
    const { refreshed } = cache.get(id) ?? {};
    return details.plugin({ id, ...(refreshed !== undefined && { refreshed }) }, namespace);
  };

  /** The versions that may be chosen: those that are not yanked. */
  const choosable = async (offer: Offer): Promise<string[]> => {
    const entry = await store.catalog.entry(offer.registry, offer.namespace);
    return unyanked(Object.keys(entry?.versions ?? {}), await detailsOf(offer));
  };

  /** The version that an install chooses. A summary names one that may be yanked. */
  const selected = async (offer: Offer): Promise<string> => {
    const isYanked = Object.hasOwn((await detailsOf(offer))?.yanked ?? {}, offer.version);
    return (isYanked && chooseVersion(await choosable(offer))) || offer.version;
  };

  /** A summary names one version only. The update of an installed prerelease may be another one. */
  const newestOf = async (offer: Offer, current: InstalledVersion): Promise<string | undefined> => {
    if (current.registry !== offer.registry) return undefined;
    // A generated index follows its branch, so that any other version is the update.
    if (isGenerated(offer.registry)) return offer.version === current.version ? undefined : offer.version;
    if (!parseVersion(current.version)?.prerelease.length)
      return chooseUpdate(current.version, [await selected(offer)]);
    return chooseUpdate(current.version, await choosable(offer));
  };

  /** The newest version, or if the owner's choices exclude it, the newest that they do not. */
  const updateOf = async (
    offer: Offer,
    current = installed(offer.namespace),
  ): Promise<string | undefined> => {
    if (current === undefined) return undefined;
    const newest = await newestOf(offer, current);
    const { choices } = current;
    const generated = isGenerated(offer.registry);
    if (newest === undefined || !choices || !objectionTo(choices, newest, generated)) return newest;
    if (generated) return undefined;
    const others = (await choosable(offer)).filter((one) => !objectionTo(choices, one, generated));
    return chooseUpdate(current.version, others);
  };

  /** @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_NOT_REFRESHED */
  const searched = async (id: string | undefined): Promise<RefreshedRegistry[]> =>
    id === undefined ? refreshedRegistries(store) : [await refreshedRegistry(store, id)];

  const byInstallation = async (offers: Offer[], filter: OfferFilter): Promise<Offer[]> => {
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

  const byPermission = async (offers: Offer[], asks: AskedPermission | undefined): Promise<Offer[]> => {
    if (asks === undefined) return offers;
    const found: Offer[] = [];
    for (const [n, offer] of offers.entries()) {
      if (n % PART === 0) await setImmediate();
      const { permissions } = (await detailsOf(offer))?.versions?.[await selected(offer)] ?? {};
      if (permissions && asksFor(permissions, asks)) found.push(offer);
    }
    return found;
  };

  const offered = async (offer: Offer, names: ReadonlyMap<string, string>): Promise<OfferedPlugin> => ({
    ...offer,
    registryName: names.get(offer.registry) ?? offer.registry,
    version: await selected(offer),
    installed: installed(offer.namespace)?.version ?? null,
    update: (await updateOf(offer)) ?? null,
  });

  const updateFor = async (
    registry: RefreshedRegistry,
    namespace: Namespace,
    current: InstalledVersion,
  ): Promise<Update | undefined> => {
    const offer = (await indexOf(registry)).get(namespace);
    const update = offer && (await updateOf(offer, current));
    if (update === undefined) return undefined;
    const { version: installed } = current;
    const changelog = changelogBetween(await details.plugin(registry, namespace), installed, update);
    return { ...placeOf(registry, namespace), installed, update, ...(changelog && { changelog }) };
  };

  const heldFor = async (
    registry: RefreshedRegistry,
    namespace: Namespace,
    current: InstalledVersion,
  ): Promise<HeldUpdate | undefined> => {
    const { version: installed, choices } = current;
    if (choices === undefined) return undefined;
    const offer = (await indexOf(registry)).get(namespace);
    const update = offer && (await newestOf(offer, current));
    if (update === undefined) return undefined;
    const objection = objectionTo(choices, update, isGenerated(registry.id));
    return objection && { ...placeOf(registry, namespace), installed, update, ...objection };
  };

  const withdrawnOf = async (
    registry: RefreshedRegistry,
    namespace: Namespace,
    { version: installed }: InstalledVersion,
  ): Promise<Withdrawn | undefined> => {
    const offer = (await indexOf(registry)).get(namespace);
    if (offer?.version === installed) return undefined;
    const entry = offer && (await store.catalog.entry(registry.id, namespace));
    if (entry && Object.hasOwn(entry.versions, installed)) return undefined;
    const yank = (await details.plugin(registry, namespace))?.yanked?.[installed];
    return {
      ...placeOf(registry, namespace),
      ...{ installed, offered: offer?.version ?? null },
      ...(yank && { yank }),
    };
  };

  /** What is found for the installed plugins whose registry has a cached index, sorted by namespace. */
  const ofInstalled = async <T extends { namespace: Namespace }>(
    find: (
      registry: RefreshedRegistry,
      namespace: Namespace,
      current: InstalledVersion,
    ) => Promise<T | undefined>,
  ): Promise<T[]> => {
    const registries = new Map((await refreshedRegistries(store)).map((one) => [one.id, one]));
    const found = await Promise.all(
      [...listInstalled()].map(([namespace, current]) => {
        const registry = registries.get(current.registry ?? "");
        return registry && find(registry, namespace, current);
      }),
    );
    return found.filter((one) => one !== undefined).sort(byNamespace);
  };

  return {
    search: async (filter) => {
      const { page, size } = filter;
      const q = comparableText((filter.q ?? "").trim());
      const registries = await searched(filter.registry);
      const joined = await join(await Promise.all(registries.map(indexOf)));
      const matching = await byInstallation(await findOffers(joined, q, filter.type), filter);
      const all = await byPermission(matching, filter.asks);
      const names = new Map(registries.map(({ id, name }) => [id, name]));
      const items = await Promise.all(
        all.slice((page - 1) * size, page * size).map((offer) => offered(offer, names)),
      );
      return { total: all.length, page, size, items };
    },
    updates: () => ofInstalled(updateFor),
    heldUpdates: () => ofInstalled(heldFor),
    withdrawn: () => ofInstalled(withdrawnOf),
    forget: (id) => void cache.delete(id),
  };
};
