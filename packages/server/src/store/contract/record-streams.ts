import type {
  BatchItem,
  Credential,
  HistoryEntry,
  Namespace,
  ParameterValue,
  Registry,
} from "@hitagi/contract";
import type { ArchiveRecord } from "./archives.ts";
import type { CatalogRow, IndexMeta } from "./catalog.ts";
import type { CategoryRecord } from "./categories.ts";
import type { DocumentRecord } from "./documents.ts";
import type { JobRecord } from "./jobs.ts";
import type { KeyRecord } from "./keys.ts";
import type { StoredLine } from "./plugin-logs.ts";
import type { PluginRecord, StoredVersion } from "./plugins.ts";
import type { RegistryPin, TrustState } from "./trust.ts";

/** A registry with its secret, and whether it is the default. The facts about its index are part of the index. */
export interface RegistryRecord
  extends Omit<Registry, "credential" | "refreshed" | "plugins" | "skipped" | "skippedCount" | "trust"> {
  credential?: Credential | undefined;
  default: boolean;
}

/** The records of each kind, in a form that every driver reads and writes. */
export interface StreamRecords {
  /** Ids that were ever given to a registry. */
  registryIds: { id: string };
  registries: RegistryRecord;
  indexes: {
    registry: string;
    meta: IndexMeta;
    document: Buffer;
    rows: readonly CatalogRow[];
    details?: Buffer | undefined;
  };
  /** The versions that a registry, or all of a recovery key, have ever offered; see SeenVersionStore. */
  seenVersions: { registry: string; lines: Buffer };
  /** The accepted states of signed registries, and the keys that registries are pinned to. */
  trust: TrustState;
  pins: RegistryPin;
  /** A registry.json that another program cached, if Hitagi reads it differently or cannot read it. */
  originals: { registry: string; document: Buffer };
  plugins: Omit<PluginRecord, "settings"> & { settings: Record<string, ParameterValue> };
  /** Kept versions, those of a namespace from the oldest to the newest. */
  versions: StoredVersion & { namespace: Namespace };
  jobs: JobRecord;
  /** The items of batches, those of a job in their order. */
  batches: { job: number; item: BatchItem };
  archives: ArchiveRecord;
  categories: CategoryRecord;
  documents: DocumentRecord;
  /** The archives that were seen of other libraries; an empty id stands for the library itself. */
  known: { library: string; id: string };
  keys: KeyRecord;
  history: HistoryEntry;
  /** The lines of a plugin's log in their order. */
  pluginLogs: StoredLine;
  /** The plugins' cache, the entries of a namespace from the oldest to the newest. */
  cache: { namespace: string; key: string; value: string; expires: number };
  /** Fields that another program keeps in the same records, and that Hitagi does not use. */
  foreign: { key: string; field: string; value: string };
  /** The last ids that were given to jobs and entries of the history. */
  counters: { name: "job" | "history"; value: number };
}

export type RecordKind = keyof StreamRecords;

/** In the order of a copy: a kind comes after those that it refers to, and the counters come after all ids. */
export const recordKinds = [
  "registryIds",
  "registries",
  "indexes",
  "trust",
  "pins",
  "seenVersions",
  "originals",
  "plugins",
  "versions",
  "jobs",
  "batches",
  "archives",
  "categories",
  "documents",
  "known",
  "keys",
  "history",
  "pluginLogs",
  "cache",
  "foreign",
  "counters",
] as const satisfies readonly RecordKind[];

/** Some records, and the position after them, from which reading continues; only its driver reads a position. */
export interface RecordPage<R> {
  records: readonly R[];
  position: string;
}

/** Reads and writes all records of one kind. */
export interface RecordStream<R> {
  /**
   * All records in their order, in pages of bounded size. A record that exists during the whole reading is among them.
   * @param after a position of an earlier reading of the same store; the start by default
   */
  pages(after?: string): AsyncIterable<RecordPage<R>>;
  /** Adds records after the existing ones. A record that exists is replaced, and keeps its place. */
  put(records: readonly R[]): Promise<void>;
}

/** The progress of a copy into a store. */
export interface CopyMark {
  source: string;
  /** The kind that is being copied; the kinds before it are complete. */
  kind: RecordKind;
  position?: string | undefined;
}

/** All records of a store, for a copy from it or into it. */
export interface StorePort {
  readonly kinds: { readonly [K in RecordKind]: RecordStream<StreamRecords[K]> };
  /** The name of a key or table with records; undefined if the store is empty. */
  first(): Promise<string | undefined>;
  clear(): Promise<void>;
  /** The mark of an unfinished copy; no server opens a store that has one. */
  mark(): Promise<CopyMark | undefined>;
  /** Sets the mark, or removes it, which makes all records durable. */
  setMark(mark: CopyMark | undefined): Promise<void>;
}
