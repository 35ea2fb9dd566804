import { errorCodeOf } from "@hitagi/contract";
import type { Catalog, Registries } from "../catalog/types.ts";
import { wrapMethods } from "../wrap-methods.ts";
import type { Publish } from "./types.ts";

/** Registries that publish an event after each change. */
export const announceRegistries = (registries: Registries, publish: Publish): Registries =>
  wrapMethods(registries, {
    create: (create) => async (fields, credential) => {
      const created = await create(fields, credential);
      publish({ kind: "registry", action: "added", registry: created.id });
      return created;
    },
    update: (update) => async (id, change, credential) => {
      const updated = await update(id, change, credential);
      publish({ kind: "registry", action: "changed", registry: id });
      return updated;
    },
    delete: (remove) => async (id) => {
      await remove(id);
      publish({ kind: "registry", action: "removed", registry: id });
    },
    list: "unchanged",
    get: "unchanged",
    // Which registry is the default is no event.
    getDefault: "unchanged",
    setDefault: "unchanged",
    clearDefault: "unchanged",
  });

/** A catalog that publishes an event after each refresh, also after one that failed. */
export const announceRefreshes = (catalog: Catalog, publish: Publish): Catalog =>
  wrapMethods(catalog, {
    refresh: (refresh) => async (registry, signal) => {
      try {
        const refreshed = await refresh(registry, signal);
        const outcome = refreshed.changed ? "changed" : "unchanged";
        publish({ kind: "registry", action: "refreshed", registry, outcome });
        return refreshed;
      } catch (error) {
        const outcome = errorCodeOf(error);
        if (outcome !== "REGISTRY_NOT_FOUND") {
          publish({ kind: "registry", action: "refresh_failed", registry, outcome });
        }
        throw error;
      }
    },
    forget: "unchanged",
    search: "unchanged",
    offers: "unchanged",
    updates: "unchanged",
    resolve: "unchanged",
    artifact: "unchanged",
  });
