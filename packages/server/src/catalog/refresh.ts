import { HitagiError, MAX_INDEX_BYTES } from "@hitagi/contract";
import type { Sources } from "../sources/sources.ts";
import type { CatalogStore, IndexMeta, Store } from "../store/types.ts";
import { checkIndex } from "./index-check.ts";
import { withRegistryLock } from "./registry-lock.ts";
import type { Catalog } from "./types.ts";

export interface RefreshDeps {
  store: Pick<Store, "registries" | "catalog" | "locks">;
  sources: Sources;
  /** Milliseconds that one fetch may take in all. */
  timeoutMs: number;
  /** Epoch seconds. */
  now: () => number;
  /** Told that a registry has another index now. */
  forget: (id: string) => void;
}

const INDEX_FILE = "registry.json";

/** registry.json as it would be sent, from its cached entries. */
const rebuild = async (catalog: CatalogStore, id: string, meta: IndexMeta): Promise<string> => {
  const entries = await catalog.entries(id);
  const plugins = entries.map(({ namespace, entry }) => `${JSON.stringify(namespace)}:${entry}`);
  return `{"version":1,"generated_at":${JSON.stringify(meta.generated_at)},"plugins":{${plugins.join(",")}}}`;
};

/** Fetching, checking and caching the index of a registry: `Catalog.refresh`. */
export const createRefresh = ({
  store,
  sources,
  timeoutMs,
  now,
  forget,
}: RefreshDeps): Catalog["refresh"] => {
  const fetchAndCache = async (id: string, signal?: AbortSignal) => {
    const registry = await store.registries.get(id);
    if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    const meta = await store.catalog.meta(id);
    const fetched = await sources.get(registry.provider).fetch(registry, INDEX_FILE, {
      maxBytes: MAX_INDEX_BYTES,
      timeoutMs,
      ...(signal && { signal }),
      ...(meta && { validators: { etag: meta.etag, lastModified: meta.lastModified } }),
    });
    if (!fetched.changed) {
      if (meta === undefined) throw new HitagiError("SOURCE_STATUS", { status: 304, path: INDEX_FILE });
      await store.catalog.touch(id, now());
      return { index: await rebuild(store.catalog, id, meta), changed: false };
    }
    const { text, generated_at, rows, summaries } = await checkIndex(fetched.bytes);
    const cached = { generated_at, ...fetched.validators, refreshed: now(), plugins: summaries.length };
    await store.catalog.replace(id, registry.updated, cached, rows);
    forget(id);
    return { index: text, changed: true };
  };
  return (id, signal) => withRegistryLock(store.locks, id, () => fetchAndCache(id, signal));
};
