import { HitagiError, isHitagiError, type Registry } from "@hitagi/contract";
import { utcTime } from "../clock.ts";
import type { IndexMeta, Lock, Store } from "../store/types.ts";
import { skippedFields } from "./index-entry.ts";
import { INDEX_FILE, type IndexReader, type IndexReading } from "./read-index.ts";
import { withRegistryLock } from "./registries.ts";
import type { Catalog, Refreshed } from "./types.ts";

interface RefreshDeps {
  store: Pick<Store, "registries" | "catalog" | "seenVersions" | "locks">;
  readIndex: IndexReader;
  /** Epoch seconds. */
  now: () => number;
  /** Called when a registry has a new index. */
  forget: (id: string) => void;
}

/** Characters of an error that a registry's record keeps: the error may quote an index. */
const MAX_ERROR = 2000;

/** The earlier of a UTC time and an epoch second, as a UTC time. Both have one form, which sorts as text. */
const earlier = (time: string, seconds: number): string => {
  const other = utcTime(seconds);
  return time < other ? time : other;
};

/**
 * The time that the next index must not be older than. An index from the future counts from the refresh that took it: else it would
 * make all honest ones too old.
 */
const oldestAllowed = (meta: IndexMeta | undefined): string =>
  meta ? earlier(meta.generated_at, meta.refreshed) : "";

/** `Catalog.refresh`: fetches, checks and caches the index of a registry. */
export const createRefresh = ({ store, readIndex, now, forget }: RefreshDeps): Catalog["refresh"] => {
  const cacheIndex = async (
    registry: Registry,
    { checked, validators }: Extract<IndexReading, { changed: true }>,
    lock: Lock,
    oldest: string,
  ): Promise<Refreshed> => {
    const { id, name } = registry;
    const { document, generated_at, rows, skipped, seen } = checked;
    if (generated_at < oldest)
      throw new HitagiError("INDEX_OLDER", { id, name, found: generated_at, cached: oldest });
    // First: a version of an index that is not stored may be remembered, and never the other way round.
    if (seen) await store.seenVersions[seen.how](registry.id, seen.lines);
    const left = skippedFields(skipped);
    const refreshed = now();
    const meta = {
      // Later refreshes without a change move `refreshed`.
      generated_at: earlier(generated_at, refreshed),
      ...validators,
      refreshed,
      plugins: rows.length,
      ...left,
    };
    await store.catalog.replace(registry.id, registry.updated, meta, document, rows, lock);
    forget(registry.id);
    return { index: document, changed: true, ...left };
  };

  const keepIndex = async (id: string, meta: IndexMeta | undefined): Promise<Refreshed> => {
    if (meta === undefined) throw new HitagiError("SOURCE_STATUS", { status: 304, path: INDEX_FILE });
    await store.catalog.touch(id, now());
    const index = await store.catalog.document(id);
    if (index === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    const { skipped, skippedCount } = meta;
    return { index, changed: false, ...(skippedCount && { skipped, skippedCount }) };
  };

  const refresh = async (
    registry: Registry,
    lock: Lock,
    signal: AbortSignal | undefined,
    acceptOlder: boolean,
  ): Promise<Refreshed> => {
    const meta = await store.catalog.meta(registry.id);
    // A folder of this machine is its owner's: who can put an old index there can also give it a new time.
    const isAnyAge = acceptOlder || registry.provider === "local";
    return readIndex(registry, meta, signal, async (read) => {
      const refreshed = read.changed
        ? await cacheIndex(registry, read, lock, isAnyAge ? "" : oldestAllowed(meta))
        : await keepIndex(registry.id, meta);
      await noteSuccess(registry, read.moved);
      return refreshed;
    });
  };

  /** Writes only where the record says something else. */
  const noteSuccess = async (
    { id, failure, moved: before }: Registry,
    moved: string | undefined,
  ): Promise<void> => {
    if (failure !== undefined || before !== moved)
      await store.registries.note(id, { ...(moved && { moved }) });
  };

  const noteFailure = async ({ id, moved }: Registry, error: unknown): Promise<void> => {
    // The registry did not cause these: the caller left, the registry was removed, or this server stood still.
    if (!isHitagiError(error) || isHitagiError(error, "REGISTRY_NOT_FOUND", "STOPPING", "LOCK_LOST")) return;
    const { code, message, hint } = error;
    const failure = { code, error: message.slice(0, MAX_ERROR), hint, at: now() };
    await store.registries.note(id, { failure, ...(moved && { moved }) });
  };

  return (id, signal, { acceptOlder = false } = {}) =>
    withRegistryLock(store, id, async (lock) => {
      const registry = await store.registries.get(id);
      if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
      try {
        return await refresh(registry, lock, signal, acceptOlder);
      } catch (error) {
        await noteFailure(registry, error);
        throw error;
      }
    });
};
