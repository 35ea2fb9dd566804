import type { Store } from "../store/types.ts";
import { unchanged, wrapMethods } from "../wrap-methods.ts";
import type { Cluster } from "./types.ts";

/** A store whose registries are read from this node's memory. */
export interface LeasedRegistries {
  store: Store;
  /** Makes the next reads ask the store, after a change on another node. */
  forget(): void;
}

/**
 * Keeps in memory what a shared store holds of registries, their pins and what was accepted of them, while this node's lease holds and
 * changes by other programs are told; else each read asks the store. Each change of theirs returns when every node has forgotten what it
 * kept. A store of one process is returned as it is.
 */
export const leaseRegistries = (
  store: Store,
  { isFresh, waitForAllNodes }: Pick<Cluster, "isFresh" | "waitForAllNodes">,
): LeasedRegistries => {
  const { shared, registries } = store;
  if (!shared) return { store, forget: () => {} };
  /** Promises, so that a read that began before a change is not kept after it. */
  const kept = new Map<string, Promise<unknown>>();
  const forget = (): void => kept.clear();
  const watch = shared.watchExternal(forget);

  const isLeased = (): boolean => isFresh() && watch.isComplete();
  const remembered = <T>(name: string, read: () => Promise<T>): Promise<T> => {
    if (!isLeased()) return read();
    const known = kept.get(name) as Promise<T> | undefined;
    if (known) return known;
    const reading = read();
    kept.set(name, reading);
    reading.catch(() => {
      if (kept.get(name) === reading) kept.delete(name);
    });
    return reading;
  };
  const list = () => remembered("registries", registries.list);
  const get: typeof registries.get = async (id) =>
    isLeased() ? (await list()).find((registry) => registry.id === id) : registries.get(id);

  const change =
    <A extends unknown[], T>(method: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      try {
        return await method(...given);
      } finally {
        forget();
      }
    };
  const changeOnAllNodes = <A extends unknown[], T>(method: (...given: A) => Promise<T>) => {
    const changing = change(method);
    return async (...given: A): Promise<T> => {
      const changed = await changing(...given);
      await waitForAllNodes();
      return changed;
    };
  };

  const leased: Store = {
    ...store,
    registries: wrapMethods(registries, {
      list: () => async () => [...(await list())],
      get: () => get,
      create: changeOnAllNodes,
      update: changeOnAllNodes,
      delete: changeOnAllNodes,
      note: changeOnAllNodes,
      ...unchanged("credential", "getDefault", "setDefault", "clearDefault"),
    }),
    catalog: wrapMethods(store.catalog, {
      replace: changeOnAllNodes,
      touch: changeOnAllNodes,
      // The first read of an index that another program cached notes in its registry that there is one.
      meta: (meta) => async (id) => {
        const found = await meta(id);
        if (found?.refreshed !== (await get(id))?.refreshed) forget();
        return found;
      },
      ...unchanged("summaries", "entry", "document", "details", "index"),
    }),
    trust: wrapMethods(store.trust, {
      get: (read) => (fingerprint) => remembered(`trust of ${fingerprint}`, () => read(fingerprint)),
      pin: (read) => (registry) => remembered(`pin of ${registry}`, () => read(registry)),
      set: changeOnAllNodes,
      setPin: changeOnAllNodes,
      ...unchanged("list", "pins"),
    }),
  };
  return { store: leased, forget };
};
