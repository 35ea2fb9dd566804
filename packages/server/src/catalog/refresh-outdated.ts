import { Epoch } from "@hitagi/contract";
import { Type } from "typebox";
import { type Documents, documentKind } from "../documents/documents.ts";
import type { CatalogStore } from "../store/types.ts";
import type { Catalog } from "./types.ts";

/** When a backup was restored: what it has of the registries is as old as it is. */
export const restoredAt = documentKind("restored", Type.Object({ at: Epoch }), { at: 0 });

interface RefreshAfterRestoreDeps {
  store: Pick<CatalogStore, "meta">;
  documents: Pick<Documents, "read">;
}

/**
 * A catalog that refreshes a registry before the first version is chosen from it after a restore, so that none is installed from an old
 * index.
 */
export const refreshAfterRestore = (
  catalog: Catalog,
  { store, documents }: RefreshAfterRestoreDeps,
): Catalog => ({
  ...catalog,
  resolve: async (registry, namespace, version) => {
    const { at } = (await documents.read(restoredAt)).value;
    const meta = at === 0 ? undefined : await store.meta(registry);
    if (meta !== undefined && meta.refreshed <= at) await catalog.refresh(registry);
    return catalog.resolve(registry, namespace, version);
  },
});
