import type {
  AskedPermission,
  Credential,
  FoundRegistry,
  HeldUpdate,
  IndexPlugin,
  IndexVersion,
  Namespace,
  OfferedDetail,
  OfferedPlugin,
  PluginDetails,
  PluginType,
  PublishedDetails,
  RefreshOutcome,
  Registry,
  RegistryFields,
  Update,
  UpdateChoices,
  Withdrawn,
  Yank,
} from "@hitagi/contract";
import type { IndexMeta } from "../store/types.ts";
import type { RegistryChange } from "./registry-fields.ts";
import type { SeenVersion } from "./seen-versions.ts";

/** The filter and page of a search. */
export interface OfferFilter {
  registry?: string | undefined;
  q?: string | undefined;
  type?: PluginType | undefined;
  installed?: boolean | undefined;
  update?: boolean | undefined;
  asks?: AskedPermission | undefined;
  page: number;
  size: number;
}

/** An installed plugin, as the catalog compares offers with it. */
export interface InstalledVersion {
  version: string;
  /** Null for builtin and sideloaded plugins, which have no updates. */
  registry: string | null;
  /** What its owner decided about its updates. */
  choices?: UpdateChoices | undefined;
}

export interface Page<T> {
  total: number;
  page: number;
  size: number;
  items: T[];
}

/** A version that was chosen from a registry. */
export interface Resolved {
  registry: string;
  registryName: string;
  plugin: IndexPlugin;
  version: IndexVersion;
  /** How the registry first offered this version, and those that differ in build metadata only. */
  seen: readonly SeenVersion[];
  /**
   * Epoch seconds from which its age counts: when this server first accepted the version, or its publication if it was in the first
   * accepted index.
   */
  accepted: number;
  /** Whether the index is generated from the plugin files; see generate-index.ts. */
  isGenerated: boolean;
  /** What the registry's details say of the plugin; undefined where it has none. */
  details?: PluginDetails | undefined;
}

/** The result of a refresh. */
export interface Refreshed extends Pick<IndexMeta, "skipped" | "skippedCount"> {
  /** registry.json in UTF-8, without the entries that a lenient refresh skipped. */
  index: Buffer;
  /** False where the source said that nothing changed. */
  changed: boolean;
}

/** The available plugins: cached, checked and searchable indexes. */
export interface Catalog {
  /**
   * Fetches, checks and caches a registry's index. On failure the index cached before stays.
   * @param options `acceptOlder`: also an index that was generated before the cached one
   * @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_BUSY, INDEX_INVALID, INDEX_OLDER, or what the source throws
   */
  refresh(
    registry: string,
    signal?: AbortSignal,
    options?: { acceptOlder?: boolean | undefined },
  ): Promise<Refreshed>;
  /** Drops the in-memory index of a registry that was changed or removed. */
  forget(registry: string): void;
  /** @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_NOT_REFRESHED (where one registry is asked for) */
  search(filter: OfferFilter): Promise<Page<OfferedPlugin>>;
  /** All offers of a plugin, of any registry. @throws HitagiError PLUGIN_NOT_OFFERED, PLUGIN_YANKED */
  offers(namespace: Namespace): Promise<OfferedDetail[]>;
  /** What the details of a registry say of each of these plugins, offered or not; undefined where there is nothing. */
  details(registry: string, namespaces: readonly Namespace[]): Promise<(PublishedDetails | undefined)[]>;
  /** What the details of its registry say of a yanked version; undefined if it is not yanked, or of no registry. */
  yankOf(subject: {
    registry: string | null;
    namespace: string;
    version: string;
    sha256: string;
  }): Promise<Yank | undefined>;
  /** The updates that an upgrade of all plugins installs. */
  updates(): Promise<Update[]>;
  /** The newest versions that no upgrade installs, because of their owner's choices. */
  heldUpdates(): Promise<HeldUpdate[]>;
  /** The installed plugins whose version their registry no longer offers. */
  withdrawn(): Promise<Withdrawn[]>;
  /**
   * The version that an install chooses: the given one, else the highest release by SemVer 2.0.0 §11, else the highest
   * prerelease. A yanked version is chosen by name only, or where all are yanked.
   * @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_NOT_REFRESHED, PLUGIN_NOT_IN_REGISTRY, VERSION_NOT_FOUND, VERSION_WITHDRAWN (it was
   *   yanked, and has no file any more)
   */
  resolve(registry: string, namespace: Namespace, version?: string): Promise<Resolved>;
  /**
   * Fetches a resolved version's file, of at most MAX_ARTIFACT_BYTES. The installer checks its hash.
   * @throws HitagiError REGISTRY_NOT_FOUND, or what Source.fetch throws
   */
  artifact(resolved: Resolved, signal?: AbortSignal): Promise<Buffer>;
}

/** The configured registries, with the rules for their fields. */
export interface Registries {
  list(): Promise<Registry[]>;
  /** @throws HitagiError REGISTRY_NOT_FOUND */
  get(id: string): Promise<Registry>;
  /** @throws HitagiError REGISTRY_FIELDS_INVALID (a field is missing, unknown to this provider, or invalid) */
  create(fields: RegistryFields, credential?: Credential): Promise<Registry>;
  /**
   * Changes some fields. A changed source (provider, url, ref, path, folder, generateIndex) drops the cached index; a changed provider
   * drops the fields of the old one. A new host drops a credential that is not given again.
   * @param credential the new one, null to remove it, undefined to keep it
   * @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_FIELDS_INVALID, REGISTRY_BUSY
   */
  update(id: string, change: RegistryChange, credential?: Credential | null): Promise<Registry>;
  /** @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_BUSY */
  delete(id: string): Promise<void>;
  /** The default's id, or "". */
  getDefault(): Promise<string>;
  /** @throws HitagiError REGISTRY_NOT_FOUND */
  setDefault(id: string): Promise<void>;
  /** The id that was the default, or "". */
  clearDefault(): Promise<string>;
}

/** An address to probe, or the fields of a registry. Fields beside an address narrow its candidates. */
export interface ProbeRequest extends Partial<RegistryFields> {
  address?: string | undefined;
}

/**
 * Finds the registry at an address and stores nothing. With `probe: false` it sends no request.
 * @throws HitagiError ADDRESS_UNKNOWN, REGISTRY_FIELDS_INVALID; errors of the sources are in the result
 */
export type ProbeRegistry = (
  request: ProbeRequest & { probe?: boolean | undefined },
  credential?: Credential,
  signal?: AbortSignal,
) => Promise<FoundRegistry>;

/** Refreshes all registries, or some, and returns their outcomes in the order of the list. */
export type RefreshAll = (options?: {
  which?: (registry: Registry) => boolean;
  signal?: AbortSignal;
}) => Promise<RefreshOutcome[]>;
