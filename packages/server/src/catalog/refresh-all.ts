import { isHitagiError, type RefreshOutcome, type Registry } from "@hitagi/contract";
import pLimit from "p-limit";
import type { Catalog, RefreshAll, Registries } from "./types.ts";

export interface RefreshAllDeps {
  registries: Pick<Registries, "list" | "get">;
  catalog: Pick<Catalog, "refresh">;
}

/** Registries that are fetched concurrently: a refresh mostly waits for their hosts. */
const CONCURRENCY = 32;

/** Refreshes many registries at once. An error of a registry is its outcome; an error of the server is thrown. */
export const createRefreshAll = ({ registries, catalog }: RefreshAllDeps): RefreshAll => {
  const refreshOne = async ({ id, name }: Registry, signal?: AbortSignal): Promise<RefreshOutcome> => {
    try {
      const { changed, skipped, skippedCount } = await catalog.refresh(id, signal);
      const { plugins } = await registries.get(id);
      return {
        id,
        name,
        changed,
        ...(plugins !== undefined && { plugins }),
        ...(skippedCount && { skipped, skippedCount }),
      };
    } catch (error) {
      if (!isHitagiError(error) || signal?.aborted) throw error;
      const { code, message, hint } = error;
      return { id, name, code, error: message, hint };
    }
  };

  return async ({ which = () => true, signal } = {}) => {
    const limit = pLimit(CONCURRENCY);
    const wanted = (await registries.list()).filter(which);
    return Promise.all(wanted.map((registry) => limit(() => refreshOne(registry, signal))));
  };
};
