import {
  type Credential,
  type IndexPlugin,
  Namespace,
  PluginType,
  Registry,
  type RegistryFields,
  SkippedEntry,
} from "@hitagi/contract";
import { type Static, Type } from "typebox";
import type { Lock } from "./locks.ts";
import type { IndexChange } from "./trust.ts";

/** A registry as it is stored. Another program may have given it any name. */
export const StoredRegistry = Type.Object({ ...Registry.properties, name: Type.String() });

export interface RegistryStore {
  /**
   * Adds a registry. Its id is the second of creation, or the nearest earlier one that is free, so that no id is in the
   * future. An id is never given again, so that the plugins of a deleted registry do not come to belong to another one.
   */
  create(fields: RegistryFields, now: number, credential?: Credential): Promise<Registry>;
  get(id: string): Promise<Registry | undefined>;
  /** Oldest first; those of one second in the order of their creation. */
  list(): Promise<Registry[]>;
  /**
   * Replaces a registry's fields. `dropIndex` removes the cached index and the outcome of the last refresh in the same change,
   * and increases `updated` even within one second, so that a running refresh sees the change.
   * @param credential the new one, null to remove it, undefined to keep it
   * @throws HitagiError REGISTRY_NOT_FOUND
   */
  update(
    id: string,
    fields: RegistryFields,
    dropIndex: boolean,
    now: number,
    credential?: Credential | null,
  ): Promise<Registry>;
  /** A registry's credential. The record, which other programs may read, has only its kind. */
  credential(id: string): Promise<Credential | undefined>;
  /** Notes how the last refresh of a registry ended, if the registry exists; an absent field is removed. */
  note(id: string, outcome: Pick<Registry, "failure" | "moved">): Promise<void>;
  /** Removes it with its index; it is no default any more. @throws REGISTRY_NOT_FOUND */
  delete(id: string): Promise<void>;
  getDefault(): Promise<string | undefined>;
  /** @throws HitagiError REGISTRY_NOT_FOUND */
  setDefault(id: string): Promise<void>;
  /** Answers the id that was the default. */
  clearDefault(): Promise<string | undefined>;
}

/** What a search reads: one plugin of a registry, at the version that an install would take. */
export const OfferSummary = Type.Object({
  namespace: Namespace,
  type: PluginType,
  ...{ version: Type.String(), name: Type.String(), author: Type.String() },
  ...{ description: Type.String(), published_at: Type.String() },
  /** Number of versions. */
  versions: Type.Number(),
});
export type OfferSummary = Static<typeof OfferSummary>;

/** One cached plugin: its summary, and the offset of its entry in registry.json, in bytes. */
export const CatalogRow = Type.Object({
  summary: OfferSummary,
  start: Type.Integer({ minimum: 0 }),
  length: Type.Integer({ minimum: 0 }),
});
export type CatalogRow = Static<typeof CatalogRow>;

/** How a cached index was fetched, so that the next fetch can be conditional. */
export const IndexMeta = Type.Object({
  generated_at: Type.String(),
  etag: Type.Optional(Type.String()),
  lastModified: Type.Optional(Type.String()),
  refreshed: Type.Number(),
  /** Number of plugins. */
  plugins: Type.Number(),
  /** The first skipped entries, and the number of all; absent if there are none. */
  skipped: Type.Optional(Type.Array(SkippedEntry)),
  skippedCount: Type.Optional(Type.Number()),
  /** The SHA-256 in hex by which the accepted head names it; absent if it is not signed. */
  sha256: Type.Optional(Type.String()),
});
export type IndexMeta = Static<typeof IndexMeta>;

/** A registry.json as the catalog's check read it. The rows' offsets are in `document`. */
interface IndexReading {
  document: Buffer;
  meta: Omit<IndexMeta, "refreshed">;
  rows: readonly CatalogRow[];
}

/** Reads a registry.json that another program cached; undefined if it cannot be used. */
export type ReadIndex = (bytes: Buffer) => Promise<IndexReading | undefined>;

/** A cached index with how it was fetched and the offsets of its entries. */
interface CachedIndex {
  meta: IndexMeta;
  document: Buffer;
  rows: readonly CatalogRow[];
  details?: Buffer | undefined;
}

/**
 * The cached indexes. Of a pinned registry only one that was stored with `sha256` is read: what another program writes in its place
 * counts as none.
 */
export interface CatalogStore {
  /**
   * Replaces a registry's cached index, and what becomes valid together with it, in one change. Readers see the old one whole until the new one is whole; a process
   * that ends midway leaves the old one. `updated` is the registry's `updated` when the fetch began; `document` is
   * registry.json in UTF-8 without a byte-order mark, and `rows` are all its plugins in its order.
   * @param under the lock that the change is made under, by its holder
   * @throws HitagiError REGISTRY_NOT_FOUND if the registry was deleted or its source changed meanwhile; LOCK_LOST if the lock
   *   is lost, so that an index fetched before a pause does not replace a later one; TRUST_CHANGED if the accepted state has
   *   another revision than the one that the index was judged by
   */
  replace(
    id: string,
    updated: number,
    meta: IndexMeta,
    document: Buffer,
    rows: readonly CatalogRow[],
    under?: Lock,
    change?: IndexChange,
  ): Promise<void>;
  /** Notes that the cached index was confirmed unchanged. */
  touch(id: string, refreshed: number): Promise<void>;
  meta(id: string): Promise<IndexMeta | undefined>;
  summaries(id: string): Promise<OfferSummary[]>;
  entry(id: string, namespace: Namespace): Promise<IndexPlugin | undefined>;
  /** The cached registry.json; undefined before the first refresh. */
  document(id: string): Promise<Buffer | undefined>;
  /** The cached registry.details.json; undefined if it has none. */
  details(id: string): Promise<Buffer | undefined>;
  /** The parts of one index, as {@link CatalogStore.replace} took them. */
  index(id: string): Promise<CachedIndex | undefined>;
}
