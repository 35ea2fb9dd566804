import { isHitagiError, type RefreshOutcome, type Registry } from "@hitagi/contract";
import pLimit from "p-limit";
import type { Catalog, RefreshAll, Registries } from "./types.ts";

export interface RefreshAllDeps {
  registries: Pick<Registries, "list" | "get">;
  catalog: Pick<Catalog, "refresh">;
}

/** Registries that are fetched at once: most of the time of a refresh is spent waiting for their hosts. */
const AT_ONCE = 32;

/** Refreshes many registries at once. What one of them does wrong is its outcome; what the server does is thrown. */
export const createRefreshAll = ({ registries, catalog }: RefreshAllDeps): RefreshAll => {
  const one = async ({ id, name }: Registry, signal?: AbortSignal): Promise<RefreshOutcome> => {
    try {
      const { changed, skipped, skippedCount } = await catalog.refresh(id, signal);
      const { plugins } = await registries.get(id);
      const left = skippedCount ? { skipped, skippedCount } : {};
      return { id, name, changed, ...(plugins !== undefined && { plugins }), ...left };
    } catch (error) {
      if (!isHitagiError(error) || signal?.aborted) throw error;
      const { code, message, hint } = error;
      return { id, name, code, error: message, hint };
    }
  };

  return async ({ which = () => true, signal } = {}) => {
    const limit = pLimit(AT_ONCE);
    const wanted = (await registries.list()).filter(which);
    return Promise.all(wanted.map((registry) => limit(() => one(registry, signal))));
  };
};
