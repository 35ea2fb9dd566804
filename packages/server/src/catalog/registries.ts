import { HitagiError, type Registry, type RegistryTexts, type RegistryTrust } from "@hitagi/contract";
import { epochSeconds } from "../clock.ts";
import type { Sources } from "../sources/sources.ts";
import type { Lock, Store } from "../store/types.ts";
import {
  changedFields,
  checkCredential,
  checkFields,
  keepsCredential,
  sameSource,
  trimmed,
} from "./registry-fields.ts";
import type { Registries } from "./types.ts";

/**
 * Runs work under the lock of a registry, so that nothing else changes or refreshes it.
 * @throws HitagiError REGISTRY_BUSY at once where the lock is held
 */
export const withRegistryLock = async <T>(
  { registries, locks }: Pick<Store, "registries" | "locks">,
  id: string,
  work: (lock: Lock) => Promise<T>,
): Promise<T> => {
  const lock = await locks.tryAcquire(`registry:${id}`);
  if (lock === undefined) {
    const { name = id } = (await registries.get(id)) ?? {};
    throw new HitagiError("REGISTRY_BUSY", { id, name });
  }
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
};

interface RegistriesDeps {
  store: Pick<Store, "registries" | "locks">;
  sources: Sources;
  /** Called when the cached index of a registry is gone: `Catalog.forget`. */
  forget: (id: string) => void;
  /** The accepted head and the keys of a registry. */
  trustOf?: (registry: Registry) => Promise<RegistryTrust>;
  /** What its keeper says about a registry; empty where it says nothing. */
  textsOf?: (registry: Registry) => Promise<RegistryTexts>;
  /** Epoch seconds. */
  now?: () => number;
}

const withAge = (registry: Registry, now: number): Registry =>
  registry.refreshed === undefined ? registry : { ...registry, age: Math.max(0, now - registry.refreshed) };

/** The configured registries over a store. */
export const createRegistries = ({
  store,
  sources,
  forget,
  trustOf,
  textsOf = async () => ({}),
  now = epochSeconds,
}: RegistriesDeps): Registries => {
  const { registries } = store;

  const get = async (id: string): Promise<Registry> => {
    const registry = await registries.get(id);
    if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    return registry;
  };

  const described = async (registry: Registry): Promise<Registry> => {
    const details = await textsOf(registry);
    return {
      ...withAge(registry, now()),
      ...(trustOf && { trust: await trustOf(registry) }),
      ...(Object.keys(details).length > 0 && { details }),
    };
  };

  return {
    list: async () => Promise.all((await registries.list()).map(described)),
    get: async (id) => described(await get(id)),
    create: async (given, credential) => {
      const fields = trimmed(given);
      checkFields(sources, fields);
      checkCredential(sources, fields, credential);
      return registries.create(fields, now(), credential);
    },
    update: (id, change, credential) =>
      withRegistryLock(store, id, async () => {
        const current = await get(id);
        const fields = changedFields(current, trimmed(change));
        checkFields(sources, fields);
        checkCredential(sources, fields, credential);
        const kept = credential !== undefined || keepsCredential(sources, current, fields);
        const dropIndex = !sameSource(current, fields);
        const updated = await registries.update(id, fields, dropIndex, now(), kept ? credential : null);
        if (dropIndex) forget(id);
        return updated;
      }),
    delete: (id) =>
      withRegistryLock(store, id, async () => {
        await registries.delete(id);
        forget(id);
      }),
    getDefault: async () => (await registries.getDefault()) ?? "",
    setDefault: (id) => registries.setDefault(id),
    clearDefault: async () => (await registries.clearDefault()) ?? "",
  };
};
