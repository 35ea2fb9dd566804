import type { BadRecord } from "./bad-records.ts";
import type { ArchiveStore, SeenArchiveStore } from "./contract/archives.ts";
import type { CatalogStore, ReadIndex, RegistryStore } from "./contract/catalog.ts";
import type { CategoryStore } from "./contract/categories.ts";
import type { DocumentStore } from "./contract/documents.ts";
import type { HistoryStore } from "./contract/history.ts";
import type { BatchStore, JobClaims, JobStore } from "./contract/jobs.ts";
import type { KeyStore } from "./contract/keys.ts";
import type { Locks, RateLimiter } from "./contract/locks.ts";
import type { PluginLogStore } from "./contract/plugin-logs.ts";
import type { PluginCacheStore, PluginStore } from "./contract/plugins.ts";
import type { SeenVersionStore } from "./contract/seen-versions.ts";
import type {
  ArtifactShare,
  ExternalWatch,
  Feed,
  Nodes,
  PendingArtifacts,
  RequestStore,
} from "./contract/shared.ts";
import type { TrustStore } from "./contract/trust.ts";

export type { BadRecord } from "./bad-records.ts";
export type * from "./contract/archives.ts";
export type * from "./contract/catalog.ts";
export type * from "./contract/categories.ts";
export type * from "./contract/documents.ts";
export type * from "./contract/history.ts";
export type * from "./contract/jobs.ts";
export type * from "./contract/keys.ts";
export type * from "./contract/locks.ts";
export type * from "./contract/plugin-logs.ts";
export type * from "./contract/plugin-updates.ts";
export type * from "./contract/plugins.ts";
export type * from "./contract/seen-versions.ts";
export type * from "./contract/shared.ts";
export type * from "./contract/trust.ts";

export interface StoreOptions {
  /** Called with a failure in the background; no data is lost by it. */
  onError?: (error: unknown) => void;
  /** Called once with each record that cannot be used, and is therefore left out. */
  onBadRecord?: (bad: BadRecord) => void;
  /** Called with what the owner should know about how the store is set up. */
  onAdvice?: (advice: string) => void;
  /** Whether servers share the bytes of versions elsewhere than in the store. */
  bytesElsewhere?: boolean;
  /** Reads a registry.json that another program put into the store; without it such an index counts as none. */
  readIndex?: ReadIndex;
  /** Certificates of further trusted authorities, as PEM text. */
  ca?: string | undefined;
  /** Milliseconds after which a request to a store on a server has failed without an answer. */
  timeoutMs?: number;
}

/** What a store keeps so that several servers can use it at once. */
export interface SharedStore {
  /** Identifies the store; it does not depend on its address. */
  readonly id: string;
  readonly nodes: Nodes;
  /** @param listener called after each change, and whenever one may have been missed */
  watchExternal(listener: () => void): ExternalWatch;
  readonly claims: JobClaims;
  readonly feed: Feed;
  readonly rateLimiter: RateLimiter;
  readonly requests: RequestStore;
  readonly artifacts: ArtifactShare;
  readonly pendingArtifacts: PendingArtifacts;
}

/** LANraragi's own configuration, which is only read. */
export interface LanraragiConfig {
  /** One of its settings; undefined where its owner did not change it. */
  setting(name: string): Promise<string | undefined>;
}

/** All records. Every method is one atomic change or one read, so that no transaction spans calls. All times are epoch seconds. */
export interface Store {
  readonly registries: RegistryStore;
  readonly catalog: CatalogStore;
  readonly seenVersions: SeenVersionStore;
  readonly trust: TrustStore;
  readonly plugins: PluginStore;
  readonly jobs: JobStore;
  readonly batches: BatchStore;
  readonly archives: ArchiveStore;
  readonly known: SeenArchiveStore;
  readonly categories: CategoryStore;
  readonly documents: DocumentStore;
  readonly keys: KeyStore;
  readonly history: HistoryStore;
  readonly pluginLogs: PluginLogStore;
  readonly cache: PluginCacheStore;
  readonly locks: Locks;
  /** What several servers on the store work together by. A store without it belongs to the process that opened it. */
  readonly shared?: SharedStore;
  /** What a LANraragi that uses the same Redis says there. */
  readonly lanraragi?: LanraragiConfig;
  /** Rejects if the store cannot be read and written now; see isStoreFault. */
  check(): Promise<void>;
  /** Describes damage of the storage itself. It takes long, and may block other work. */
  faults(): Promise<string[]>;
  /** Reads all records, and answers those that cannot be used. */
  badRecords(): Promise<BadRecord[]>;
  /**
   * Writes all records to a new SQLite store, while other work goes on. A SQLite store is copied as of one instant; of a Redis, each
   * record is copied as of the time when it is read.
   * @param place a new file in an existing folder; further files are beside it, under names that begin with its name
   * @throws HitagiError DISK_FULL, STORE_FAILED
   */
  copy(place: string): Promise<void>;
  close(): Promise<void>;
}
