import type { IndexPlugin, Namespace, PluginType, SkippedEntry } from "@hitagi/contract";
import type { Lock } from "./locks.ts";

/** What search looks through: one plugin of a registry, at the version that an install would take. */
export interface OfferSummary {
  namespace: Namespace;
  type: PluginType;
  version: string;
  name: string;
  author: string;
  description: string;
  published_at: string;
  /** Number of versions. */
  versions: number;
}

/** One cached plugin: its summary, and where its entry stands in registry.json, in bytes. */
export interface CatalogRow {
  summary: OfferSummary;
  start: number;
  length: number;
}

/** How a cached index was got, so that the next fetch can be conditional. */
export interface IndexMeta {
  generated_at: string;
  etag?: string | undefined;
  lastModified?: string | undefined;
  refreshed: number;
  /** Number of plugins. */
  plugins: number;
  /** What was left out of it: the first entries, and how many there are; absent where that is nothing. */
  skipped?: SkippedEntry[] | undefined;
  skippedCount?: number | undefined;
}

/** A registry.json as the catalog's check read it; the rows' places are in `document`. */
export interface IndexReading {
  document: Buffer;
  meta: Omit<IndexMeta, "refreshed">;
  rows: readonly CatalogRow[];
}

/** Reads a registry.json that somebody else cached; undefined where nothing of it can be used. */
export type ReadIndex = (bytes: Buffer) => Promise<IndexReading | undefined>;

/** A cached index with how it was got and where its entries stand. */
export interface CachedIndex {
  meta: IndexMeta;
  document: Buffer;
  rows: readonly CatalogRow[];
}

export interface CatalogStore {
  /**
   * Replaces a registry's cached index. Readers see the old one whole until the new one is whole; a process
   * that ends midway leaves the old one. `updated` is the registry's `updated` when the fetch began; `document` is
   * registry.json in UTF-8 without a byte-order mark, and `rows` are all its plugins in its order.
   * @param under the lock that the change is made under, by its holder
   * @throws HitagiError REGISTRY_NOT_FOUND where the registry was deleted or its source changed meanwhile; LOCK_LOST where the lock
   *   is not held any more, so that what was fetched before a pause does not take the place of what came after it
   */
  replace(
    id: string,
    updated: number,
    meta: IndexMeta,
    document: Buffer,
    rows: readonly CatalogRow[],
    under?: Lock,
  ): Promise<void>;
  /** Notes that the cached index was confirmed unchanged. */
  touch(id: string, refreshed: number): Promise<void>;
  meta(id: string): Promise<IndexMeta | undefined>;
  summaries(id: string): Promise<OfferSummary[]>;
  entry(id: string, namespace: Namespace): Promise<IndexPlugin | undefined>;
  /** The cached registry.json; undefined before the first refresh. */
  document(id: string): Promise<Buffer | undefined>;
  /** All that {@link CatalogStore.replace} took, as it belongs together. */
  index(id: string): Promise<CachedIndex | undefined>;
}
