import { HitagiError, isHitagiError, type Registry } from "@hitagi/contract";
import type { Sources } from "../sources/sources.ts";
import type { Fetched, FetchOptions, Validators } from "../sources/types.ts";
import type { IndexMeta, Lock, Store } from "../store/types.ts";
import { checkIndex, checkIndexLeniently } from "./index-check.ts";
import { skippedFields } from "./index-entry.ts";
import { withIndexInMemory } from "./index-memory.ts";
import { withRegistryLock } from "./registries.ts";
import type { Catalog, Refreshed } from "./types.ts";

export interface RegistryFilesDeps {
  store: Pick<Store, "registries">;
  sources: Sources;
  /** Milliseconds that one fetch may take in all. */
  timeoutMs: number;
}

/** Reads a file of a registry, with the registry's credential. @throws what Source.fetch throws */
type RegistryFiles = (
  registry: Registry,
  file: string,
  options: Pick<FetchOptions, "maxBytes" | "validators"> & { signal?: AbortSignal | undefined },
) => Promise<Fetched>;

export const createRegistryFiles =
  ({ store, sources, timeoutMs }: RegistryFilesDeps): RegistryFiles =>
  async (registry, file, { signal, ...options }) => {
    const credential = registry.credential && (await store.registries.credential(registry.id));
    return sources.get(registry.provider).fetch(registry, file, {
      ...options,
      timeoutMs,
      ...(signal && { signal }),
      ...(credential && { credential }),
    });
  };

interface RefreshDeps {
  store: Pick<Store, "registries" | "catalog" | "seenVersions" | "locks">;
  files: RegistryFiles;
  /** Epoch seconds. */
  now: () => number;
  /** Called when a registry has a new index. */
  forget: (id: string) => void;
}

const INDEX_FILE = "registry.json";
/** Characters of an error that a registry's record keeps: the error may quote an index. */
const MAX_ERROR = 2000;

/**
 * The validators of a conditional fetch. A strict registry whose index was cached while it was lenient has none: an
 * unchanged registry.json with bad entries must be refused now.
 */
const validatorsOf = (registry: Registry, meta: IndexMeta | undefined): Validators | undefined =>
  meta && (registry.lenient || !meta.skippedCount)
    ? { etag: meta.etag, lastModified: meta.lastModified }
    : undefined;

/** The earlier of a UTC time and an epoch second, as a UTC time. Both have one form, which sorts as text. */
const earlier = (time: string, seconds: number): string => {
  const other = new Date(Math.floor(seconds) * 1000).toISOString().replace(".000Z", "Z");
  return time < other ? time : other;
};

/**
 * The time that the next index must not be older than. An index from the future counts from the refresh that took it: else it would
 * make all honest ones too old.
 */
const oldestAllowed = (meta: IndexMeta | undefined): string =>
  meta ? earlier(meta.generated_at, meta.refreshed) : "";

/** `Catalog.refresh`: fetches, checks and caches the index of a registry. */
export const createRefresh = ({ store, files, now, forget }: RefreshDeps): Catalog["refresh"] => {
  const cacheIndex = async (
    registry: Registry,
    bytes: Buffer,
    validators: Validators,
    lock: Lock,
    oldest: string,
  ): Promise<Refreshed> => {
    const check = registry.lenient ? checkIndexLeniently : checkIndex;
    const seenBefore = await store.seenVersions.get(registry.id);
    const checked = await check(bytes, { seen: seenBefore, now: Math.floor(now()) });
    const { document, generated_at, rows, skipped, seen } = checked;
    if (generated_at < oldest)
      throw new HitagiError("INDEX_OLDER", { id: registry.id, found: generated_at, cached: oldest });
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
    const validators = validatorsOf(registry, meta);
    const oldest = acceptOlder ? "" : oldestAllowed(meta);
    return withIndexInMemory(
      (maxBytes) => files(registry, INDEX_FILE, { maxBytes, signal, ...(validators && { validators }) }),
      async (fetched) => {
        const refreshed = fetched.changed
          ? await cacheIndex(registry, fetched.bytes, fetched.validators, lock, oldest)
          : await keepIndex(registry.id, meta);
        await noteSuccess(registry, fetched.moved);
        return refreshed;
      },
    );
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
    withRegistryLock(store.locks, id, async (lock) => {
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
