import { HitagiError, type Registry } from "@hitagi/contract";
import type { Store } from "../store/types.ts";

/** A registry that has a cached index. */
export type RefreshedRegistry = Registry & { refreshed: number };

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
  if (refreshed === undefined) throw new HitagiError("REGISTRY_NOT_REFRESHED", { id });
  return refreshed;
};

/** The registries that have a cached index, oldest first. */
export const refreshedRegistries = async (store: RegistryStores): Promise<RefreshedRegistry[]> => {
  const all = await store.registries.list();
  const refreshed = await Promise.all(all.map((registry) => withIndex(store, registry)));
  return refreshed.filter(isRefreshed);
};
