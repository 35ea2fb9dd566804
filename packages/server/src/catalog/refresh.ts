import { HitagiError, isHitagiError, MAX_INDEX_BYTES, type Registry } from "@hitagi/contract";
import type { Fetched, Validators } from "../sources/types.ts";
import type { CatalogStore, IndexMeta, Lock, Store } from "../store/types.ts";
import { checkIndex, checkIndexLeniently } from "./index-check.ts";
import type { RegistryFiles } from "./registry-files.ts";
import { withRegistryLock } from "./registry-lock.ts";
import type { Catalog, Refreshed } from "./types.ts";

export interface RefreshDeps {
  store: Pick<Store, "registries" | "catalog" | "locks">;
  files: RegistryFiles;
  /** Epoch seconds. */
  now: () => number;
  /** Told that a registry has another index now. */
  forget: (id: string) => void;
}

const INDEX_FILE = "registry.json";
/** Characters of an error that a registry's record keeps: an index may be quoted in it. */
const MAX_NOTED = 2000;

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
export const createRefresh = ({ store, files, now, forget }: RefreshDeps): Catalog["refresh"] => {
  const fetchIndex = (registry: Registry, meta: IndexMeta | undefined, signal?: AbortSignal) => {
    const validators = validatorsOf(registry, meta);
    return files(registry, INDEX_FILE, {
      maxBytes: MAX_INDEX_BYTES,
      signal,
      ...(validators && { validators }),
    });
  };

  const checkAndCache = async (
    registry: Registry,
    bytes: Buffer,
    validators: Validators,
    lock: Lock,
  ): Promise<Refreshed> => {
    const { document, generated_at, rows, skipped } = registry.lenient
      ? await checkIndexLeniently(bytes)
      : await checkIndex(bytes);
    const left = skipped.count > 0 ? { skipped: skipped.list, skippedCount: skipped.count } : {};
    const meta = { generated_at, ...validators, refreshed: now(), plugins: rows.length, ...left };
    await store.catalog.replace(registry.id, registry.updated, meta, document, rows, lock);
    forget(registry.id);
    return { index: document, changed: true, ...left };
  };

  const fetchAndCache = async (registry: Registry, lock: Lock, signal?: AbortSignal): Promise<Refreshed> => {
    const { id } = registry;
    const meta = await store.catalog.meta(id);
    const fetched = await fetchIndex(registry, meta, signal);
    const refreshed = await take(registry, meta, fetched, lock);
    await noteSuccess(registry, fetched.moved);
    return refreshed;
  };

  const take = async (
    registry: Registry,
    meta: IndexMeta | undefined,
    fetched: Fetched,
    lock: Lock,
  ): Promise<Refreshed> => {
    if (fetched.changed) return checkAndCache(registry, fetched.bytes, fetched.validators, lock);
    if (meta === undefined) throw new HitagiError("SOURCE_STATUS", { status: 304, path: INDEX_FILE });
    await store.catalog.touch(registry.id, now());
    return fromCache(store.catalog, registry.id, meta);
  };

  /** Writes only where something else stands there. */
  const noteSuccess = async ({ id, failure, moved: before }: Registry, moved?: string): Promise<void> => {
    if (failure !== undefined || before !== moved)
      await store.registries.note(id, { ...(moved && { moved }) });
  };

  const noteFailure = async ({ id, moved }: Registry, error: unknown): Promise<void> => {
    // What is no fault of the registry says nothing of it: a caller that went away, a registry that did, a server that slept.
    if (!isHitagiError(error) || isHitagiError(error, "REGISTRY_NOT_FOUND", "STOPPING", "LOCK_LOST")) return;
    const { code, message, hint } = error;
    const failure = { code, error: message.slice(0, MAX_NOTED), hint, at: now() };
    await store.registries.note(id, { failure, ...(moved && { moved }) });
  };

  return (id, signal) =>
    withRegistryLock(store.locks, id, async (lock) => {
      const registry = await store.registries.get(id);
      if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
      try {
        return await fetchAndCache(registry, lock, signal);
      } catch (error) {
        await noteFailure(registry, error);
        throw error;
      }
    });
};
