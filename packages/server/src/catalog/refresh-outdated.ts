import { Epoch } from "@hitagi/contract";
import { Type } from "typebox";
import { type Documents, documentKind } from "../documents/documents.ts";
import type { Store } from "../store/types.ts";
import { isOfEarlierHead } from "./trust/other-addresses.ts";
import type { Catalog } from "./types.ts";

/** When a backup was restored: what it has of the registries is as old as it is. */
export const restoredAt = documentKind("restored", Type.Object({ at: Epoch }), { at: 0 });

interface RefreshOutdatedDeps {
  store: Pick<Store, "catalog" | "trust">;
  documents: Pick<Documents, "read">;
}

/**
 * A catalog that refreshes a registry before a version is chosen from an index that is known to be old: one of a restored backup, or of
 * an earlier head than the accepted one.
 */
export const refreshOutdated = (catalog: Catalog, { store, documents }: RefreshOutdatedDeps): Catalog => {
  /** Several versions may be chosen at once: they share a refresh. */
  const running = new Map<string, Promise<unknown>>();
  const refresh = (id: string): Promise<unknown> => {
    const refreshed = running.get(id) ?? catalog.refresh(id).finally(() => running.delete(id));
    running.set(id, refreshed);
    return refreshed;
  };

  const isOutdated = async (id: string): Promise<boolean> => {
    const meta = await store.catalog.meta(id);
    if (meta === undefined) return false;
    const { at } = (await documents.read(restoredAt)).value;
    return (at !== 0 && meta.refreshed <= at) || isOfEarlierHead(store, id, meta);
  };

  return {
    ...catalog,
    resolve: async (registry, namespace, version) => {
      if (await isOutdated(registry)) await refresh(registry);
      return catalog.resolve(registry, namespace, version);
    },
  };
};
