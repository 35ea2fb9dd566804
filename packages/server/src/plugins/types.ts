import type {
  Actor,
  AddressReader,
  ArchiveChange,
  ArchiveTexts,
  BatchCounts,
  BatchFailure,
  BatchItem,
  BatchOutcome,
  BatchPause,
  BatchPreview,
  ChainSkip,
  ChainTrial,
  Health,
  HeldBack,
  InstalledPlugin,
  KeptVersion,
  ListedPlugin,
  Manifest,
  Namespace,
  NetworkRecord,
  Origin,
  ParameterValue,
  Permissions,
  PluginType,
  RuntimeName,
  Setting,
  SourceCounts,
  TagRulesPreview,
  UpdateChoices,
} from "@hitagi/contract";
import type { LoggedLine, PluginCode, SiteRefusal } from "../runtimes/types.ts";
import type { PluginRecord, UpdateChange } from "../store/types.ts";
import { unchanged } from "../wrap-methods.ts";

/** What lists show and calls run. Never changed: a change replaces it. */
export interface ActivePlugin {
  readonly namespace: Namespace;
  readonly manifest: Manifest;
  readonly origin: Origin;
  readonly runtime: RuntimeName;
  /** Null for a builtin. */
  readonly path: string | null;
  /** Null unless managed. */
  readonly registry: string | null;
  readonly code: PluginCode;
  readonly granted: Permissions;
  readonly enabled: boolean;
  readonly hidden: boolean;
  readonly priority: number;
  /** Undefined if its owner has decided nothing about its updates. */
  readonly updates?: UpdateChoices | undefined;
  readonly health: Health;
}

/** The active plugins, in memory. A change is one assignment, so that a list and a call never see parts of two versions. */
export interface ActivePlugins {
  get(namespace: Namespace): ActivePlugin | undefined;
  list(): readonly ActivePlugin[];
  /** Activates a version, or deactivates the namespace, and retires the code that was active before. */
  set(namespace: Namespace, plugin: ActivePlugin | undefined): void;
  /** Replaces some of a plugin's fields; does nothing if it is not active. */
  patch(
    namespace: Namespace,
    fields: Partial<Pick<ActivePlugin, "granted" | "enabled" | "hidden" | "priority" | "updates" | "health">>,
  ): void;
}

/** Sees what happens during one call, for a person who looks for a fault. No method may throw or wait. */
export interface CallObserver {
  onLine(line: LoggedLine): void;
  onRequest(request: NetworkRecord): void;
  /** @param bytes the most memory that the plugin's process held, beside what it shares with others; where the machine tells it */
  onMemory(bytes: number): void;
  /** The stack of the error that the plugin threw. */
  onStack(stack: string): void;
}

/** A call of a plugin. */
export interface UseRequest {
  namespace: Namespace;
  archive?: string | undefined;
  arg?: string | undefined;
  url?: string | undefined;
  /** Who asks; the server itself if undefined. */
  actor?: Actor | undefined;
  /** The job that makes the call. */
  job?: number | undefined;
  /** The call then has a process for itself. */
  observer?: CallObserver | undefined;
  /** How many plugins called each other before this call. */
  depth?: number | undefined;
  /** The first of these plugins. */
  through?: Namespace | undefined;
  /** What the plugin sees of the archive in place of what is stored: a trial. */
  seen?: ArchiveTexts | undefined;
  signal?: AbortSignal | undefined;
  /** Waits for something while other work takes the caller's place. */
  waitOutside?: (<T>(wait: Promise<T>) => Promise<T>) | undefined;
  onProgress?: ((done: number, total: number, note?: string) => void) | undefined;
  /** Told of each change of the archive's texts. */
  onChange?: ((change: ArchiveChange) => void) | undefined;
  /** Told of each refusal of a site. */
  onRefused?: ((refusal: SiteRefusal) => void) | undefined;
  /** Told where the plugin's login fails. */
  onLoginFailed?: ((login: Namespace, error: unknown) => void) | undefined;
}

/** The result of a call: `data` as the API has it for the plugin's type. */
export interface UseResult {
  type: PluginType;
  data: unknown;
}

export interface BatchRequest {
  /** A metadata plugin; the chain if undefined. */
  plugin: Namespace | undefined;
  /** Runs on each archive the plugin that reads its source, with the address as its argument, instead of the chain. */
  bySource?: boolean | undefined;
  /** Applies the tag rules to the tags that archives have, and runs no plugin. */
  tagRules?: boolean | undefined;
  /** Ids; all archives if undefined. */
  archives: readonly string[] | undefined;
  arg?: string | undefined;
}

/** What a job passes on to the calls that it makes. */
export type JobProgress = Pick<
  UseRequest,
  "signal" | "onProgress" | "onChange" | "actor" | "waitOutside" | "job"
>;

export interface BatchProgress extends JobProgress {
  /** What an earlier run of the batch kept. */
  checkpoint?: unknown;
  /** Whether the owner paused the batch. */
  isPaused?: (() => boolean) | undefined;
  /** Keeps the pauses of plugins for a later run. */
  keep?: ((checkpoint: unknown) => Promise<void>) | undefined;
}

/** A batch that goes on later: its owner paused it, or all plugins that are still to run pause. */
export interface PausedBatch {
  /** Epoch seconds; LAST_EPOCH if it does not go on by itself, undefined where its owner paused it. */
  until: number | undefined;
}

/** The counts after an undo. */
export interface BatchUndone extends BatchCounts {
  /** Archives that this undo restored. */
  restored: number;
}

/** Metadata plugins over many archives, with a report of each archive. */
export interface Batches {
  /** @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA, NOTHING_ENABLED, VALIDATION_FAILED */
  check(request: BatchRequest): void;
  /**
   * Runs a batch as a job. A job that was interrupted continues where it was. A failure on one archive is reported and
   * does not stop the others. A plugin that a site refuses is slowed down, then it pauses; so does one whose login fails.
   * @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA, NOTHING_ENABLED, PLUGIN_CANCELLED; PLUGIN_QUARANTINED, PLUGIN_BROKEN,
   *   RUNTIME_UNAVAILABLE (every other archive would fail too)
   */
  run(job: number, request: BatchRequest, progress?: BatchProgress): Promise<BatchCounts | PausedBatch>;
  /**
   * What a batch would do: runs its plugins on the first archives as TryChain does, and stores nothing.
   * @param size the archives on which they are run
   * @throws HitagiError as `check`, ARCHIVE_NOT_FOUND, PLUGIN_CANCELLED
   */
  preview(
    request: BatchRequest,
    size: number,
    options?: Pick<UseRequest, "actor" | "signal">,
  ): Promise<BatchPreview>;
  /**
   * Reverts what a batch wrote. Titles, summaries and tags that others changed since stay. A second undo retries what
   * the first one kept, so that batches can be undone in any order.
   */
  undo(batch: number, progress?: JobProgress): Promise<BatchUndone>;
  /**
   * What a batch of the tag rules would change.
   * @param archives ids; all archives if undefined
   * @param size the most archives to list
   * @throws HitagiError TAG_RULES_UNUSED, TAG_TABLE_UNUSABLE, ARCHIVE_NOT_FOUND
   */
  previewTagRules(archives: readonly string[] | undefined, size: number): Promise<TagRulesPreview>;
  counts(batch: number): Promise<BatchCounts>;
  /** The archives on which a plugin failed, and the failures by reason, most archives first. */
  failures(batch: number): Promise<{ archives: string[]; groups: BatchFailure[] }>;
  /** The pauses in what a batch kept. */
  pauses(checkpoint: unknown): BatchPause[];
  report(
    batch: number,
    outcome: BatchOutcome | undefined,
    page: number,
    size: number,
  ): Promise<{ counts: BatchCounts; total: number; page: number; size: number; items: BatchItem[] }>;
}

/**
 * Runs the chain on an archive and stores nothing: each plugin sees what the ones before would have written. A plugin that may change
 * the library is not run.
 * @throws HitagiError ARCHIVE_NOT_FOUND, PLUGIN_CANCELLED
 */
export type TryChain = (
  archive: string,
  options?: Pick<UseRequest, "actor" | "signal">,
) => Promise<ChainTrial>;

/** The metadata plugins by the addresses that they read. */
export interface Addresses {
  /** Those that read this address, the one that `choose` answers first; all that read any if undefined. */
  list(url: string | undefined): Promise<AddressReader[]>;
  /**
   * The plugin that reads an address, and its argument: the address with its scheme.
   * @throws HitagiError NO_ADDRESS_READER, which names the plugins that there are and their sites
   */
  choose(url: string): Promise<{ namespace: Namespace; arg: string }>;
  /**
   * Counts archives by the plugin that reads their sources. @param ids all archives if undefined
   * @throws HitagiError ARCHIVE_NOT_FOUND
   */
  countSources(ids: readonly string[] | undefined): Promise<SourceCounts>;
}

/** The installed plugins: lists, settings, grants and calls. */
export interface Plugins {
  list(type: PluginType | "all"): ListedPlugin[];
  /** Grows with every change of what `list` answers, so that the answer can be cached. */
  revision(): number;
  records(): Promise<InstalledPlugin[]>;
  /** @throws HitagiError PLUGIN_NOT_INSTALLED, PLUGIN_FILE_REFUSED (a file of that namespace was rejected) */
  record(namespace: Namespace): Promise<InstalledPlugin>;
  /** The versions that are kept, of a removed plugin too. @throws HitagiError PLUGIN_NOT_INSTALLED (and no version is kept) */
  versions(namespace: Namespace): Promise<{ installed: string | null; versions: KeptVersion[] }>;
  /**
   * Enables, hides or orders a metadata plugin. Enabling lifts a quarantine; a plugin of another type can be enabled for
   * that only.
   * @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA, PLUGIN_RECORD_BROKEN
   */
  configure(
    namespace: Namespace,
    flags: { enabled?: boolean; hidden?: boolean; priority?: number },
  ): Promise<void>;
  /** Changes what the owner decided about updates. @returns all of that @throws HitagiError PLUGIN_NOT_INSTALLED */
  changeUpdates(namespace: Namespace, change: UpdateChange): Promise<UpdateChoices>;
  /** @throws HitagiError PLUGIN_NOT_FOUND */
  settings(namespace: Namespace): Promise<Setting[]>;
  /** @throws HitagiError PLUGIN_NOT_FOUND, SETTING_UNKNOWN, SETTING_INVALID */
  putSettings(namespace: Namespace, values: Record<string, ParameterValue | null>): Promise<Setting[]>;
  /**
   * Sets a plugin's permissions; by default all that it asks for, and the files stay. Permissions that name only files leave all
   * else as it is.
   * @throws HitagiError PLUGIN_NOT_INSTALLED, PERMISSION_NOT_ASKED, FILE_NOT_GRANTABLE (nothing is changed)
   */
  grant(namespace: Namespace, permissions?: Permissions): Promise<Permissions>;
  /**
   * Runs a plugin and changes nothing. Metadata: `{new_tags, title?, summary?}`; download: `{download_url}`, as in
   * LANraragi; login: nothing of the session; script: what it returned.
   * @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_QUARANTINED, PLUGIN_BROKEN, ARCHIVE_NOT_FOUND, VALIDATION_FAILED (a
   *   metadata plugin and no archive), or what Runtime.call throws
   */
  use(request: UseRequest): Promise<UseResult>;
  /** Runs a plugin, and writes what a metadata plugin found to the archive. @throws as `use` */
  apply(request: UseRequest): Promise<UseResult>;
  /**
   * Runs the chain on an archive: every enabled metadata plugin, one after the other, lowest priority first, unless a condition
   * of the chain skips it.
   * @returns for each the reason of a failure or why it was skipped, and what the field policy held back
   */
  applyEnabled(
    archive: string,
    options?: JobProgress,
  ): Promise<{ namespace: Namespace; error: string | null; heldBack?: HeldBack[]; skipped?: ChainSkip }[]>;
  /** Fetches an archive through the download plugin that matches the address. @throws HitagiError NO_DOWNLOADER */
  download(url: string, options?: JobProgress): Promise<{ id: string; filename: string }>;
  readonly batches: Batches;
  readonly addresses: Addresses;
  readonly tryChain: TryChain;
  /** Whether a plugin has permission to change archives. */
  mayWrite(namespace: Namespace): boolean;
  /** Whether any metadata plugin is enabled. */
  anyEnabled(): boolean;
  /** Whether a download plugin matches the address. */
  takesUrl(url: string): Promise<boolean>;
  /**
   * Activates what a plugin's record says now; its file is in place already.
   * @returns the record
   * @throws what the store throws
   */
  reload(namespace: Namespace): Promise<PluginRecord | undefined>;
  /** Scans the plugin folders; see registry/scan.ts. */
  scan(unplaced?: ReadonlyMap<Namespace, string>): Promise<void>;
}

/** The methods that change no flags, settings or grants. */
export const otherPluginMethods = unchanged(
  "list",
  "revision",
  "records",
  "record",
  "versions",
  "settings",
  "use",
  "apply",
  "applyEnabled",
  "download",
  "batches",
  "addresses",
  "tryChain",
  "mayWrite",
  "anyEnabled",
  "takesUrl",
  "reload",
  "scan",
);
