import type { ArchiveStore, SeenArchiveStore } from "./contract/archives.ts";
import type { ArtifactShare, PendingArtifacts } from "./contract/artifacts.ts";
import type { BatchStore } from "./contract/batches.ts";
import type { PluginCacheStore } from "./contract/cache.ts";
import type { CatalogStore } from "./contract/catalog.ts";
import type { Feed } from "./contract/feed.ts";
import type { HistoryStore } from "./contract/history.ts";
import type { JobClaims, JobStore } from "./contract/jobs.ts";
import type { KeyStore } from "./contract/keys.ts";
import type { Locks } from "./contract/locks.ts";
import type { Nodes } from "./contract/nodes.ts";
import type { PluginStore } from "./contract/plugins.ts";
import type { RateLimiter } from "./contract/rate-limiter.ts";
import type { RegistryStore } from "./contract/registries.ts";
import type { RequestStore } from "./contract/requests.ts";

export type { ArchiveRecord, ArchiveStore, Durability, SeenArchiveStore } from "./contract/archives.ts";
export type { ArtifactShare, PendingArtifacts } from "./contract/artifacts.ts";
export type { BatchStore } from "./contract/batches.ts";
export type { PluginCacheStore } from "./contract/cache.ts";
export type {
  CatalogRow,
  CatalogStore,
  IndexMeta,
  OfferSummary,
  ReadIndex,
} from "./contract/catalog.ts";
export type { Feed, FeedReading } from "./contract/feed.ts";
export type { HistoryFilter, HistoryStore } from "./contract/history.ts";
export type { ClaimedJob, JobClaims, JobRecord, JobStore } from "./contract/jobs.ts";
export type { KeyRecord, KeyStore } from "./contract/keys.ts";
export type { Lock, Locks } from "./contract/locks.ts";
export type { News, NodeSelf, NodeState, Nodes, Revision, Topic } from "./contract/nodes.ts";
export type {
  PluginCommit,
  PluginRecord,
  PluginStore,
  Provenance,
  StoredVersion,
} from "./contract/plugins.ts";
export type { RateLimiter } from "./contract/rate-limiter.ts";
export type { RegistryStore } from "./contract/registries.ts";
export type { RequestStore } from "./contract/requests.ts";

/** What a store keeps so that several servers can use it at once. */
export interface SharedStore {
  /** Identifies the store, by whatever address it is reached. */
  readonly id: string;
  /** The servers on the store, and the changes that they tell each other. */
  readonly nodes: Nodes;
  /** Hands out jobs to the servers. */
  readonly claims: JobClaims;
  /** The events that all servers hand to their readers. */
  readonly feed: Feed;
  /** Limits over all servers how often something is done. */
  readonly rateLimiter: RateLimiter;
  /** The network requests that plugins made on any server. */
  readonly requests: RequestStore;
  /** The bytes of plugins, for a server that lacks them. */
  readonly artifacts: ArtifactShare;
  /** The bytes that no record names yet. */
  readonly pendingArtifacts: PendingArtifacts;
}

/**
 * What is remembered. Every method is one atomic change or one read: a driver needs no transaction that spans
 * calls, so that one Lua script or MULTI can carry each. All times are epoch seconds.
 */
export interface Store {
  readonly registries: RegistryStore;
  readonly catalog: CatalogStore;
  readonly plugins: PluginStore;
  readonly jobs: JobStore;
  readonly batches: BatchStore;
  readonly archives: ArchiveStore;
  readonly known: SeenArchiveStore;
  readonly keys: KeyStore;
  readonly history: HistoryStore;
  readonly cache: PluginCacheStore;
  readonly locks: Locks;
  /** What several servers on the store work together by. A store without it belongs to the process that opened it. */
  readonly shared?: SharedStore;
  /** Rejects with STORE_FAILED or STORE_LOCKED where the store cannot be read and written now. */
  check(): Promise<void>;
  /** Reads all that is stored and answers what is damaged in it, in words; long work, which stops everything else. */
  faults(): Promise<string[]>;
  /**
   * Writes all that is remembered to a place that the SQLite driver opens as a store. Others read and write meanwhile: a
   * SQLite store is copied as it stood at one instant, a Redis record by record, each as it stood when its turn came.
   * @param place a file that is not there, in a folder that is; what does not fit into it goes beside it, under names that begin with its
   * @throws HitagiError DISK_FULL, STORE_FAILED
   */
  copy(place: string): Promise<void>;
  close(): Promise<void>;
}
