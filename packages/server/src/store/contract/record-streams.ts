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
import type { JobRecord } from "./jobs.ts";
import type { KeyRecord } from "./keys.ts";
import type { PluginRecord, StoredVersion } from "./plugins.ts";

/** A registry with its secret, and whether it is the default; what is told of its index goes with the index. */
export interface RegistryRecord
  extends Omit<Registry, "credential" | "refreshed" | "plugins" | "skipped" | "skippedCount"> {
  credential?: Credential | undefined;
  default: boolean;
}

/** What a store holds of each kind, as plain records that every driver can hand out and take in. */
export interface StreamRecords {
  /** Ids that were ever given to a registry. */
  registryIds: { id: string };
  registries: RegistryRecord;
  indexes: { registry: string; meta: IndexMeta; document: Buffer; rows: readonly CatalogRow[] };
  /** A registry.json as another program cached it, where Hitagi reads it otherwise or cannot read it. */
  originals: { registry: string; document: Buffer };
  plugins: Omit<PluginRecord, "settings"> & { settings: Record<string, ParameterValue> };
  /** Kept versions, those of a namespace from the oldest to the newest. */
  versions: StoredVersion & { namespace: Namespace };
  jobs: JobRecord;
  /** Reports of batches, those of a job in their order. */
  batches: { job: number; item: BatchItem };
  archives: ArchiveRecord;
  /** The archives that were seen of libraries elsewhere; one with an empty id stands for the library itself. */
  known: { library: string; id: string };
  keys: KeyRecord;
  history: HistoryEntry;
  /** The plugins' cache, the entries of a namespace from the oldest to the newest. */
  cache: { namespace: string; key: string; value: string; expires: number };
  /** Fields that another program keeps in the same records, and that mean nothing here. */
  foreign: { key: string; field: string; value: string };
  /** The last ids that were given to jobs and entries of the history. */
  counters: { name: "job" | "history"; value: number };
}

export type RecordKind = keyof StreamRecords;

/** In the order in which they are copied: what others belong to comes before them, and the counters see all ids. */
export const recordKinds = [
  "registryIds",
  "registries",
  "indexes",
  "originals",
  "plugins",
  "versions",
  "jobs",
  "batches",
  "archives",
  "known",
  "keys",
  "history",
  "cache",
  "foreign",
  "counters",
] as const satisfies readonly RecordKind[];

/** Some records, and the position after them, from which reading goes on; a text that only its driver reads. */
export interface RecordPage<R> {
  records: readonly R[];
  position: string;
}

/** How the records of one kind leave a store and come into one. */
export interface RecordStream<R> {
  /**
   * All records in their order, so few at a time that a million of them need no more memory than a thousand. Where they
   * change meanwhile, each that is there all the while is among them.
   * @param after a position of an earlier reading of the same store; undefined from the start
   */
  pages(after?: string): AsyncIterable<RecordPage<R>>;
  /** Takes in records after those that are there. One that is there is replaced, and keeps its place. */
  put(records: readonly R[]): Promise<void>;
}

/** How far a copy into a store has come. */
export interface CopyMark {
  /** Tells where it is copied from. */
  source: string;
  /** The kind that is being copied; those before it are. */
  kind: RecordKind;
  position?: string | undefined;
}

/** A store's side of a copy. */
export interface StorePort {
  readonly kinds: { readonly [K in RecordKind]: RecordStream<StreamRecords[K]> };
  /** The name of something that the store holds; undefined where it is empty. */
  first(): Promise<string | undefined>;
  /** Removes all that the kinds hold. */
  clear(): Promise<void>;
  /** The mark of a copy that has not come to its end: no server opens a store that has one. */
  mark(): Promise<CopyMark | undefined>;
  /** Sets the mark, or takes it away, which makes all that was put durable. */
  setMark(mark: CopyMark | undefined): Promise<void>;
}
