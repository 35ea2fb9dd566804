import { isHitagiError } from "@hitagi/contract";
import type { Catalog, Registries } from "../catalog/types.ts";
import type { Publish } from "./types.ts";

/** The registries, told of once they have changed. */
export const announceRegistries = (registries: Registries, publish: Publish): Registries => ({
  ...registries,
  create: async (...given) => {
    const made = await registries.create(...given);
    publish({ kind: "registry", action: "added", registry: made.id });
    return made;
  },
  update: async (id, ...given) => {
    const updated = await registries.update(id, ...given);
    publish({ kind: "registry", action: "changed", registry: id });
    return updated;
  },
  delete: async (id, ...given) => {
    await registries.delete(id, ...given);
    publish({ kind: "registry", action: "removed", registry: id });
  },
});

/** The code of whatever was thrown. */
const codeOf = (error: unknown): string => (isHitagiError(error) ? error.code : "INTERNAL");

/** The catalog, whose refreshes are told of, those that failed too. */
export const announceRefreshes = (catalog: Catalog, publish: Publish): Catalog => ({
  ...catalog,
  refresh: async (id, ...given) => {
    try {
      const refreshed = await catalog.refresh(id, ...given);
      const outcome = refreshed.changed ? "changed" : "unchanged";
      publish({ kind: "registry", action: "refreshed", registry: id, outcome });
      return refreshed;
    } catch (error) {
      const outcome = codeOf(error);
      if (outcome !== "REGISTRY_NOT_FOUND") {
        publish({ kind: "registry", action: "refresh_failed", registry: id, outcome });
      }
      throw error;
    }
  },
});
