import type { ArchiveStore, SeenArchiveStore } from "./contract/archives.ts";
import type { CatalogStore, RegistryStore } from "./contract/catalog.ts";
import type { HistoryStore } from "./contract/history.ts";
import type { BatchStore, JobClaims, JobStore } from "./contract/jobs.ts";
import type { KeyStore } from "./contract/keys.ts";
import type { Locks, RateLimiter } from "./contract/locks.ts";
import type { PluginCacheStore, PluginStore } from "./contract/plugins.ts";
import type { ArtifactShare, Feed, Nodes, PendingArtifacts, RequestStore } from "./contract/shared.ts";

export type * from "./contract/archives.ts";
export type * from "./contract/catalog.ts";
export type * from "./contract/history.ts";
export type * from "./contract/jobs.ts";
export type * from "./contract/keys.ts";
export type * from "./contract/locks.ts";
export type * from "./contract/plugins.ts";
export type * from "./contract/shared.ts";

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

/** All records. Every method is one atomic change or one read, so that no transaction spans calls. All times are epoch seconds. */
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
  /** Rejects if the store cannot be read and written now; see isStoreFault. */
  check(): Promise<void>;
  /** Reads all records and describes the damaged ones. It takes long, and may block other work. */
  faults(): Promise<string[]>;
  /**
   * Writes all records to a new SQLite store, while other work goes on. A SQLite store is copied as of one instant; of a Redis, each
   * record is copied as of the time when it is read.
   * @param place a new file in an existing folder; further files are beside it, under names that begin with its name
   * @throws HitagiError DISK_FULL, STORE_FAILED
   */
  copy(place: string): Promise<void>;
  close(): Promise<void>;
}
