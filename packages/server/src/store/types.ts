import type {
  Actor,
  BatchCounts,
  BatchItem,
  BatchOutcome,
  CredentialKind,
  HistoryEntry,
  IndexPlugin,
  JobState,
  KeptVersion,
  Manifest,
  ParameterValue,
  Permissions,
  PluginType,
  Provider,
  Registry,
  Scope,
  SkippedEntry,
  SubjectKind,
} from "@hitagi/contract";

/**
 * What is remembered. Every method is one atomic change or one read: a driver needs no transaction that spans
 * calls, so that one Lua script or MULTI can carry each. All times are epoch seconds.
 */
export interface Store {
  readonly registries: RegistryStore;
  readonly catalog: CatalogStore;
  readonly plugins: PluginStore;
  readonly jobs: JobStore;
  /** Where several workers can take jobs from one store; where absent, the process that has it runs them all. */
  readonly claims?: JobClaims;
  readonly batches: BatchStore;
  readonly archives: ArchiveStore;
  readonly known: KnownStore;
  readonly keys: KeyStore;
  readonly history: HistoryStore;
  readonly cache: PluginCacheStore;
  readonly locks: Locks;
  /** Where the store also keeps the bytes of plugins, for a machine that lacks them. */
  readonly artifacts?: ArtifactShare;
  /** Rejects with STORE_FAILED or STORE_LOCKED where the store cannot be read and written now. */
  check(): Promise<void>;
  /** Reads all that is stored and answers what is damaged in it, in words; long work, which stops everything else. */
  faults(): Promise<string[]>;
  /**
   * Writes all that is remembered, as it stood at one instant, to a place that this driver opens as a store. Others read
   * and write meanwhile.
   * @param place a file that is not there, in a folder that is; what does not fit into it goes beside it, under names that begin with its
   * @throws HitagiError DISK_FULL, STORE_FAILED; STORE_COPY_ELSEWHERE where the store has means of its own for that
   */
  copy(place: string): Promise<void>;
  close(): Promise<void>;
}

/** What a private registry is reached with. */
export interface Credential {
  kind: CredentialKind;
  /** A token, or the text of a private ssh key. It may stand in no message, no log and no argument of a process. */
  secret: string;
}

/** What a registry is reached by, and how it is read; which of url, ref, path and folder there are depends on the provider. */
export interface RegistryFields {
  name: string;
  provider: Provider;
  url?: string | undefined;
  ref?: string | undefined;
  path?: string | undefined;
  /** The folder of registry.json inside a repository. */
  folder?: string | undefined;
  /** Whether bad entries of its index are skipped; absent is false. */
  lenient?: boolean | undefined;
}

export interface RegistryStore {
  /**
   * Adds a registry. Its id is the time of creation, or the nearest earlier second that is free, so that
   * no number of concurrent creations gives an id in the future. An id is never given again, so that a plugin
   * whose registry was deleted does not come to belong to another one.
   */
  create(fields: RegistryFields, now: number, credential?: Credential): Promise<Registry>;
  get(id: string): Promise<Registry | undefined>;
  /** Oldest first; those of one second in the order of their creation. */
  list(): Promise<Registry[]>;
  /**
   * Replaces a registry's fields. `dropIndex` forgets the cached index in the same change, and makes `updated` grow
   * even within one second, so that a refresh under way sees it; how the last refresh ended is forgotten with it.
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
  /**
   * A registry's credential. It is kept apart from the record, which other programs may read, and only its kind is in that.
   */
  credential(id: string): Promise<Credential | undefined>;
  /** Notes how the last refresh ended; what is absent is forgotten. Nothing happens where there is no such registry. */
  note(id: string, outcome: Pick<Registry, "failure" | "moved">): Promise<void>;
  /** Removes it with its index, and the default designation if it was that. @throws REGISTRY_NOT_FOUND */
  delete(id: string): Promise<void>;
  getDefault(): Promise<string | undefined>;
  /** @throws HitagiError REGISTRY_NOT_FOUND */
  setDefault(id: string): Promise<void>;
  /** Answers the id that was the default. */
  clearDefault(): Promise<string | undefined>;
}

/** What search looks through: one plugin of a registry, at the version that an install would take. */
export interface OfferSummary {
  namespace: string;
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

export interface CatalogStore {
  /**
   * Replaces a registry's cached index. Readers see the old one whole until the new one is whole; a process
   * that ends midway leaves the old one. `updated` is the registry's `updated` when the fetch began; `document` is
   * registry.json in UTF-8 without a byte-order mark, and `rows` are all its plugins in its order.
   * @throws HitagiError REGISTRY_NOT_FOUND where the registry was deleted or its source changed meanwhile
   */
  replace(
    id: string,
    updated: number,
    meta: IndexMeta,
    document: Buffer,
    rows: readonly CatalogRow[],
  ): Promise<void>;
  /** Notes that the cached index was confirmed unchanged. */
  touch(id: string, refreshed: number): Promise<void>;
  meta(id: string): Promise<IndexMeta | undefined>;
  summaries(id: string): Promise<OfferSummary[]>;
  entry(id: string, namespace: string): Promise<IndexPlugin | undefined>;
  /** The cached registry.json; undefined before the first refresh. */
  document(id: string): Promise<Buffer | undefined>;
}

/** What is installed under a namespace, and from where. */
export interface Provenance {
  /** Relative to the plugins folder, with `/`: `Managed/Metadata/foo.ts` or `Sideloaded/foo.ts`. */
  path: string;
  version: string;
  /** Null for a sideloaded plugin. */
  registry: string | null;
  sha256: string;
  type: PluginType;
}

/** All that is known of a namespace, which is in small letters whatever it was asked by. Settings and flags outlive the plugin that they belong to. */
export interface PluginRecord {
  namespace: string;
  /** Undefined only in a record that another program wrote; the start-up scan heals it. */
  type: PluginType | undefined;
  provenance: Provenance | undefined;
  settings: Record<string, ParameterValue>;
  /** The settings that were entered as secrets, each with the source of the plugin that it was entered for. */
  secrets: Record<string, string>;
  enabled: boolean;
  hidden: boolean;
  priority: number;
  granted: Permissions;
  quarantine: { reason: string; since: number } | undefined;
}

/** A kept version with where it was installed, enough to put it back. */
export interface StoredVersion extends Omit<KeptVersion, "current"> {
  path: string;
  type: PluginType;
  granted: Permissions;
}

/** The one change by which a plugin appears, changes or goes. */
export interface PluginCommit {
  namespace: string;
  /** The sha256 that was recorded when the change was planned; undefined for none. */
  expect: string | undefined;
  /**
   * What stands afterwards; undefined removes the provenance and the grants, and keeps settings, flags and versions.
   * `orphan` says that a kept version is put back, whose registry may be gone.
   */
  after: { provenance: Provenance; granted: Permissions; orphan?: boolean } | undefined;
  /** The locks that the change is made under, each by its holder. */
  under?: readonly Lock[] | undefined;
  now: number;
}

export interface PluginStore {
  get(namespace: string): Promise<PluginRecord | undefined>;
  list(): Promise<PluginRecord[]>;
  /**
   * Writes provenance and grants, lifts a quarantine, and keeps the version among those that can be rolled
   * back to; all or nothing.
   * @throws HitagiError LOCK_LOST where one of its locks is not held any more; PLUGIN_CHANGED where the recorded
   *   sha256 is not `expect`; REGISTRY_NOT_FOUND where the provenance names a registry that is gone, unless it is an orphan
   */
  commit(change: PluginCommit): Promise<void>;
  /** Makes a record of that type if there is none, and fills in a missing type. */
  register(namespace: string, type: PluginType): Promise<void>;
  /** @throws HitagiError PLUGIN_NOT_FOUND */
  configure(
    namespace: string,
    flags: { enabled?: boolean; hidden?: boolean; priority?: number },
  ): Promise<void>;
  /**
   * Sets values; null goes back to the default. Other settings stay.
   * @param secrets those of the values that are secrets, each with the source that it is entered for; a value that
   *   is not among them is no secret from now on
   * @throws HitagiError PLUGIN_NOT_FOUND
   */
  set(
    namespace: string,
    values: Record<string, ParameterValue | null>,
    secrets?: Record<string, string>,
  ): Promise<void>;
  /** @throws HitagiError PLUGIN_NOT_FOUND */
  grant(namespace: string, granted: Permissions): Promise<void>;
  /** Nothing happens where there is no record. */
  quarantine(namespace: string, state: { reason: string; since: number } | undefined): Promise<void>;
  /** Every version that was ever committed here and not forgotten, the one installed last first. */
  versions(namespace: string): Promise<StoredVersion[]>;
  /** Forgets a kept version. */
  forget(namespace: string, sha256: string): Promise<void>;
}

/** A job as it is stored. */
export interface JobRecord {
  id: number;
  task: string;
  args: unknown[];
  /** Who queued it. */
  actor: Actor;
  state: JobState;
  priority: number;
  notes: Record<string, string>;
  error: string | null;
  result: unknown;
  /** How often it was begun or is to be begun: 1, and one more for each retry. */
  attempts: number;
  /** How often it was cut off by a crash. */
  retries: number;
  /** Fractional epoch seconds; null where it has not happened. */
  created: number;
  started: number | null;
  finished: number | null;
}

export interface JobStore {
  /** The ids grow and are never given again. */
  create(
    job: Pick<JobRecord, "task" | "args" | "actor" | "priority" | "notes">,
    now: number,
  ): Promise<JobRecord>;
  get(id: number): Promise<JobRecord | undefined>;
  /** Newest first. */
  list(
    filter: { state?: JobState | undefined },
    page: number,
    size: number,
  ): Promise<{ total: number; items: JobRecord[] }>;
  /** Jobs in these states, by priority (highest first), then oldest first. */
  inStates(...states: JobState[]): Promise<JobRecord[]>;
  /**
   * Changes a job that exists; one that has ended stays as it is. Answers whether it was changed.
   * @param claim the one that it is changed under, of {@link JobClaims}; nothing changes where the job has another by now
   */
  update(
    id: number,
    patch: Partial<Omit<JobRecord, "id" | "task" | "args" | "actor" | "created">>,
    claim?: string,
  ): Promise<boolean>;
  /** Removes jobs that ended before a time. */
  prune(before: number): Promise<void>;
}

/** A job that a worker has until it has ended, or until its claim is not renewed for a life. */
export interface ClaimedJob {
  /** `active` where a worker before began it and lost it. */
  job: JobRecord;
  claim: string;
}

/** Hands the jobs of a store to several workers, each job to one of them at a time. */
export interface JobClaims {
  /** The next job that no worker has: first what one lost, then by priority (highest first), then the oldest. */
  next(lifeMs: number): Promise<ClaimedJob | undefined>;
  /** Lets claims live for another life. Answers the jobs that are the worker's no more: they ended, or another has them. */
  renew(claims: ReadonlyMap<number, string>, lifeMs: number): Promise<number[]>;
}

/** What batches did to archives. It is kept as long as the job, and goes with it. */
export interface BatchStore {
  /**
   * Notes what a batch does to one archive, or changes that note. Relaxed: not lost when the process ends.
   * @throws HitagiError JOB_NOT_FOUND
   */
  put(job: number, item: BatchItem): Promise<void>;
  get(job: number, archive: string): Promise<BatchItem | undefined>;
  /** In the order in which they were first noted. */
  list(
    job: number,
    filter: { outcome?: BatchOutcome | undefined },
    page: number,
    size: number,
  ): Promise<{ total: number; items: BatchItem[] }>;
  counts(job: number): Promise<BatchCounts>;
  /** The archives noted with any outcome but `pending`. */
  ended(job: number): Promise<string[]>;
}

/**
 * How much of a change survives a power cut. Both kinds survive the end of the process, however it ends. `durable` is
 * on the disk when the promise resolves; `relaxed` is quick, and may be lost together with what was written after it,
 * up to the next durable change.
 */
export type Durability = "durable" | "relaxed";

/** An archive as it is stored. */
export interface ArchiveRecord {
  id: string;
  /** Relative to the library folder, with `/`. */
  file: string;
  title: string;
  /** LANraragi's form: separated by commas. */
  tags: string;
  summary: string;
  size: number;
  pages: number;
  added: number;
}

export interface ArchiveStore {
  /** Adds an archive; answers false and changes nothing where the id or the file exists. */
  add(archive: ArchiveRecord): Promise<boolean>;
  get(id: string): Promise<ArchiveRecord | undefined>;
  list(): Promise<ArchiveRecord[]>;
  count(): Promise<number>;
  update(
    id: string,
    patch: Partial<Pick<ArchiveRecord, "title" | "tags" | "summary" | "file">>,
    durability?: Durability,
  ): Promise<boolean>;
  delete(id: string): Promise<boolean>;
}

/** Which archives of a library that others keep were seen, so that new ones are told from old ones. */
export interface KnownStore {
  /** The ids that were noted of a library; undefined where nothing ever was, not even that it is empty. */
  of(library: string): Promise<ReadonlySet<string> | undefined>;
  /** Notes that these came and those went, all at once. What is noted or gone already stays so. */
  change(library: string, came: readonly string[], went: readonly string[]): Promise<void>;
}

/** What a reader of the history looks for; what is absent does not narrow it. */
export interface HistoryFilter {
  /** The name of a key, or a kind of actor. */
  actor?: string | undefined;
  action?: string | undefined;
  /** The kind of what it was done to. */
  kind?: SubjectKind | undefined;
  subject?: string | undefined;
  /** `ok`, `failed` for all that is not, or a code. */
  outcome?: string | undefined;
  /** Epoch seconds; `since` is included, `until` is not. */
  since?: number | undefined;
  until?: number | undefined;
  /** Ids, themselves not included. */
  after?: number | undefined;
  before?: number | undefined;
}

export interface HistoryStore {
  /** The ids grow and are never given again. */
  add(entry: Omit<HistoryEntry, "id">): Promise<void>;
  /** Newest first. */
  list(filter: HistoryFilter, page: number, size: number): Promise<{ total: number; items: HistoryEntry[] }>;
  /** The first that fit, oldest first. */
  next(filter: HistoryFilter, limit: number): Promise<HistoryEntry[]>;
  /** Removes what is older than a time, and beyond so many entries the oldest. */
  prune(before: number, keep: number): Promise<void>;
}

/** A named API key as it is stored: its hash, from which nobody gets the key. */
export interface KeyRecord {
  /** Public; tells which key a request brings. */
  id: string;
  name: string;
  scope: Scope;
  /** SHA-256 of the whole key, hex. A key has 256 random bits, so that a slow hash would protect nothing more. */
  hash: string;
  created: number;
  expires: number | null;
  lastUsed: number | null;
}

export interface KeyStore {
  /** The API key that another program keeps in this store for both; undefined where there is none. */
  shared(): Promise<string | undefined>;
  /** Adds a key; answers false and changes nothing where the name or the id exists. */
  create(key: KeyRecord): Promise<boolean>;
  get(id: string): Promise<KeyRecord | undefined>;
  /** Oldest first; those of one second in the order of their creation. */
  list(): Promise<KeyRecord[]>;
  /** Removes the key of that name; answers whether there was one. */
  delete(name: string): Promise<boolean>;
  /** Notes when a key was used last. Nothing happens where it is gone. */
  used(id: string, at: number): Promise<void>;
}

/** The small cache that plugins keep between calls. Each namespace has its own. */
export interface PluginCacheStore {
  get(namespace: string, key: string, now: number): Promise<string | undefined>;
  /** @param expires epoch seconds. The oldest entries of a namespace go when it holds more than 1,000. */
  set(namespace: string, key: string, value: string, expires: number): Promise<void>;
  clear(namespace: string): Promise<void>;
}

/** Locks that live exactly as long as their holder. */
export interface Locks {
  /** Takes the lock, or answers undefined at once where somebody holds it. */
  tryAcquire(key: string): Promise<Lock | undefined>;
}

export interface Lock {
  readonly key: string;
  /** Tells this holding of the key from all others; larger than that of any before. */
  readonly token: number;
  release(): Promise<void>;
}

/**
 * The bytes of every version that was ever vetted here, by sha256, with the manifest read from them. What is read
 * is checked against its name, so a damaged file counts as missing.
 */
export interface Artifacts {
  /** Keeps the bytes and their manifest, durably, and answers the sha256. @throws HitagiError DISK_FULL */
  put(bytes: Buffer, manifest: Manifest): Promise<string>;
  read(sha256: string): Promise<Buffer | undefined>;
  manifest(sha256: string): Promise<Manifest | undefined>;
  remove(sha256: string): Promise<void>;
}

/** Bytes of versions with their manifests as JSON, by sha256. Whoever reads them compares them with it. */
export interface ArtifactShare {
  put(sha256: string, bytes: Buffer, manifest: string): Promise<void>;
  read(sha256: string): Promise<{ bytes: Buffer; manifest: string } | undefined>;
  remove(sha256: string): Promise<void>;
}
