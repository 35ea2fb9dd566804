import { HitagiError, MAX_INDEX_BYTES, type Registry } from "@hitagi/contract";
import type { Sources } from "../sources/sources.ts";
import type { Validators } from "../sources/types.ts";
import type { CatalogStore, IndexMeta, Store } from "../store/types.ts";
import { checkIndex, checkIndexLeniently } from "./index-check.ts";
import { withRegistryLock } from "./registry-lock.ts";
import type { Catalog, Refreshed } from "./types.ts";

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

/** The cached index, with what was left out of it. */
const fromCache = async (catalog: CatalogStore, id: string, meta: IndexMeta): Promise<Refreshed> => {
  const index = await catalog.document(id);
  if (index === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
  return { index, changed: false, ...skippedIn(meta) };
};

const skippedIn = ({ skipped, skippedCount }: IndexMeta): Pick<IndexMeta, "skipped" | "skippedCount"> =>
  skippedCount ? { skipped, skippedCount } : {};

/**
 * What a fetch may compare with. A strict registry whose cached index lacks what was skipped while it was lenient
 * has nothing: an unchanged registry.json must be refused then.
 */
const validatorsOf = (registry: Registry, meta: IndexMeta | undefined): Validators | undefined =>
  meta && (registry.lenient || !meta.skippedCount)
    ? { etag: meta.etag, lastModified: meta.lastModified }
    : undefined;

/** Fetching, checking and caching the index of a registry: `Catalog.refresh`. */
export const createRefresh = ({
  store,
  sources,
  timeoutMs,
  now,
  forget,
}: RefreshDeps): Catalog["refresh"] => {
  const fetchIndex = (registry: Registry, meta: IndexMeta | undefined, signal?: AbortSignal) => {
    const validators = validatorsOf(registry, meta);
    return sources.get(registry.provider).fetch(registry, INDEX_FILE, {
      maxBytes: MAX_INDEX_BYTES,
      timeoutMs,
      ...(signal && { signal }),
      ...(validators && { validators }),
    });
  };

  const checkAndCache = async (
    registry: Registry,
    bytes: Buffer,
    validators: Validators,
  ): Promise<Refreshed> => {
    const { document, generated_at, rows, skipped } = registry.lenient
      ? await checkIndexLeniently(bytes)
      : await checkIndex(bytes);
    const left = skipped.count > 0 ? { skipped: skipped.list, skippedCount: skipped.count } : {};
    const meta = { generated_at, ...validators, refreshed: now(), plugins: rows.length, ...left };
    await store.catalog.replace(registry.id, registry.updated, meta, document, rows);
    forget(registry.id);
    return { index: document, changed: true, ...left };
  };

  const fetchAndCache = async (id: string, signal?: AbortSignal): Promise<Refreshed> => {
    const registry = await store.registries.get(id);
    if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    const meta = await store.catalog.meta(id);
    const fetched = await fetchIndex(registry, meta, signal);
    if (fetched.changed) return checkAndCache(registry, fetched.bytes, fetched.validators);
    if (meta === undefined) throw new HitagiError("SOURCE_STATUS", { status: 304, path: INDEX_FILE });
    await store.catalog.touch(id, now());
    return fromCache(store.catalog, id, meta);
  };

  return (id, signal) => withRegistryLock(store.locks, id, () => fetchAndCache(id, signal));
};
