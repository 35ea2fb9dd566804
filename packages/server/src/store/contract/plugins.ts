import type { KeptVersion, Namespace, ParameterValue, Permissions, PluginType } from "@hitagi/contract";
import type { Lock } from "./locks.ts";

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

/** All that is known of a namespace. Settings and flags outlive the plugin that they belong to. */
export interface PluginRecord {
  namespace: Namespace;
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
  namespace: Namespace;
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
  get(namespace: Namespace): Promise<PluginRecord | undefined>;
  list(): Promise<PluginRecord[]>;
  /**
   * Writes provenance and grants, lifts a quarantine, and keeps the version among those that can be rolled
   * back to; all or nothing.
   * @throws HitagiError LOCK_LOST where one of its locks is not held any more; PLUGIN_CHANGED where the recorded
   *   sha256 is not `expect`; REGISTRY_NOT_FOUND where the provenance names a registry that is gone, unless it is an orphan
   */
  commit(change: PluginCommit): Promise<void>;
  /** Makes a record of that type if there is none, and fills in a missing type. */
  register(namespace: Namespace, type: PluginType): Promise<void>;
  /** @throws HitagiError PLUGIN_NOT_FOUND */
  configure(
    namespace: Namespace,
    flags: { enabled?: boolean; hidden?: boolean; priority?: number },
  ): Promise<void>;
  /**
   * Sets values; null goes back to the default. Other settings stay.
   * @param secrets those of the values that are secrets, each with the source that it is entered for; a value that
   *   is not among them is no secret from now on
   * @throws HitagiError PLUGIN_NOT_FOUND
   */
  set(
    namespace: Namespace,
    values: Record<string, ParameterValue | null>,
    secrets?: Record<string, string>,
  ): Promise<void>;
  /** @throws HitagiError PLUGIN_NOT_FOUND */
  grant(namespace: Namespace, granted: Permissions): Promise<void>;
  /**
   * Nothing happens where there is no record.
   * @param of the sha256 of the version that it is about; nothing happens where another is recorded by now
   */
  quarantine(
    namespace: Namespace,
    state: { reason: string; since: number } | undefined,
    of?: string,
  ): Promise<void>;
  /** Every version that was ever committed here and not forgotten, the one installed last first. */
  versions(namespace: Namespace): Promise<StoredVersion[]>;
  /**
   * Forgets the kept versions of a namespace but for those that were installed last. Where servers share bytes in the store itself,
   * those that nothing names any more go in the same step, unless somebody is about to record them.
   * @param keep how many stay
   * @returns the sha256 of those that nothing names any more
   */
  prune(namespace: Namespace, keep: number): Promise<string[]>;
  /** Those of the sha256 that a record in place or a kept version names, in whatever namespace. */
  named(hashes: readonly string[]): Promise<ReadonlySet<string>>;
  /** The namespaces whose record in place has this path, in either case of its letters. */
  ownersOf(path: string): Promise<Namespace[]>;
  /**
   * There where another program may write into the records: takes up what they name now, for {@link named} and
   * {@link ownersOf}. Of all namespaces where none are given.
   */
  notice?(namespaces?: readonly Namespace[]): Promise<void>;
}
