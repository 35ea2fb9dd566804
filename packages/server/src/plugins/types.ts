import type {
  BatchCounts,
  BatchItem,
  BatchOutcome,
  Health,
  InstalledPlugin,
  ListedPlugin,
  Manifest,
  Namespace,
  Origin,
  ParameterValue,
  Permissions,
  PluginType,
  RuntimeName,
  Setting,
} from "@hitagi/contract";
import type { PluginCode } from "../runtimes/types.ts";
import type { PluginRecord } from "../store/types.ts";

/** A plugin that is in force: what lists show and calls run. Replaced whole, never changed in place. */
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
  readonly health: Health;
}

/**
 * The plugins in force, in memory. A change is one assignment, so that a list and a call begun at one instant see
 * the same version of a plugin.
 */
export interface ActivePlugins {
  get(namespace: Namespace): ActivePlugin | undefined;
  list(): readonly ActivePlugin[];
  /** Puts a version in force, or takes the namespace out, and retires the code that was in force before. */
  set(namespace: Namespace, plugin: ActivePlugin | undefined): void;
  /** Replaces some of a plugin's fields; nothing happens where it is gone. */
  patch(
    namespace: Namespace,
    fields: Partial<Pick<ActivePlugin, "granted" | "enabled" | "hidden" | "priority" | "health">>,
  ): void;
}

/** Who a plugin is called by and on what. */
export interface UseRequest {
  namespace: Namespace;
  archive?: string | undefined;
  arg?: string | undefined;
  url?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number, note?: string) => void) | undefined;
}

/** What a use of a plugin gave: `data` as the wire has it for the plugin's type. */
export interface UseResult {
  type: PluginType;
  data: unknown;
}

/** What a batch runs, and over what. */
export interface BatchRequest {
  /** A metadata plugin; all enabled ones in their order where undefined. */
  plugin: Namespace | undefined;
  /** Their ids; all archives where undefined. */
  archives: readonly string[] | undefined;
  arg?: string | undefined;
}

export type BatchProgress = Pick<UseRequest, "signal" | "onProgress">;

/** Metadata plugins over many archives, with a note of what they did to each. */
export interface Batches {
  /**
   * Refuses what could not be run at all.
   * @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA
   */
  check(request: BatchRequest): void;
  /**
   * Runs a batch as a job. Where the job is run again after it was cut off, it goes on where it was. What goes wrong
   * with one archive is noted and does not keep the next from its turn.
   * @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA, PLUGIN_CANCELLED; PLUGIN_QUARANTINED, PLUGIN_BROKEN,
   *   RUNTIME_UNAVAILABLE (no archive could be treated any more)
   */
  run(job: number, request: BatchRequest, progress?: BatchProgress): Promise<BatchCounts>;
  /**
   * Takes back what a batch wrote; titles and summaries that others changed since stay, and so do their tags. Undone
   * again, it tries once more what it kept, so that batches can be taken back in any order.
   */
  undo(batch: number, progress?: BatchProgress): Promise<BatchCounts>;
  report(
    batch: number,
    outcome: BatchOutcome | undefined,
    page: number,
    size: number,
  ): Promise<{ counts: BatchCounts; total: number; page: number; size: number; items: BatchItem[] }>;
}

/** The installed plugins: what they are, how they are set, and their use. */
export interface Plugins {
  list(type: PluginType | "all"): ListedPlugin[];
  /** Grows with every change of what `list` answers, so that its answer can be kept until then. */
  revision(): number;
  records(): Promise<InstalledPlugin[]>;
  /** @throws HitagiError PLUGIN_NOT_INSTALLED, PLUGIN_FILE_REFUSED (a file of that name lies there and is not run) */
  record(namespace: Namespace): Promise<InstalledPlugin>;
  /** @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA, PLUGIN_RECORD_BROKEN */
  configure(
    namespace: Namespace,
    flags: { enabled?: boolean; hidden?: boolean; priority?: number },
  ): Promise<void>;
  /** @throws HitagiError PLUGIN_NOT_FOUND */
  settings(namespace: Namespace): Promise<Setting[]>;
  /** @throws HitagiError PLUGIN_NOT_FOUND, SETTING_UNKNOWN, SETTING_INVALID */
  putSettings(namespace: Namespace, values: Record<string, ParameterValue | null>): Promise<Setting[]>;
  /**
   * Sets what a plugin may do; all that it asks for where nothing is named.
   * @throws HitagiError PLUGIN_NOT_INSTALLED, PERMISSION_NOT_ASKED (nothing is changed)
   */
  grant(namespace: Namespace, permissions?: Permissions): Promise<Permissions>;
  /**
   * Runs a plugin and changes nothing. Metadata: `{new_tags, title?, summary?}`; download: `{download_url}`, as in
   * LANraragi; login: nothing of the session; script: what it returned.
   * @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_QUARANTINED, PLUGIN_BROKEN, ARCHIVE_NOT_FOUND, VALIDATION_FAILED (a
   *   metadata plugin and no archive), or what Runtime.call throws
   */
  use(request: UseRequest): Promise<UseResult>;
  /** Runs a plugin and, for a metadata plugin, writes what it found to the archive. Same errors as `use`. */
  apply(request: UseRequest): Promise<UseResult>;
  /** Runs every enabled metadata plugin on an archive, lowest priority first, each on what the one before left. */
  applyEnabled(
    archive: string,
    options?: Pick<UseRequest, "signal" | "onProgress">,
  ): Promise<{ namespace: Namespace; error: string | null }[]>;
  /** Fetches an archive through the download plugin that takes the address. @throws HitagiError NO_DOWNLOADER */
  download(
    url: string,
    options?: Pick<UseRequest, "signal" | "onProgress">,
  ): Promise<{ id: string; filename: string }>;
  readonly batches: Batches;
  /** Whether a plugin may change archives by itself, so that its use is more than a reading. */
  mayWrite(namespace: Namespace): boolean;
  /** Whether any metadata plugin is enabled. */
  anyEnabled(): boolean;
  /** Whether a download plugin takes the address. */
  takesUrl(url: string): boolean;
  /**
   * Puts in force what a plugin's record says now, and answers the record; its file is in place already.
   * @throws what the store throws
   */
  reload(namespace: Namespace): Promise<PluginRecord | undefined>;
  /** Reads the plugin folders, puts what is there in force, and heals the records; see the start-up scan. */
  scan(unplaced?: ReadonlyMap<Namespace, string>): Promise<void>;
}
