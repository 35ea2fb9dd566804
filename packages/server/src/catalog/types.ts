import type {
  Credential,
  FoundRegistry,
  IndexPlugin,
  IndexVersion,
  OfferedDetail,
  OfferedPlugin,
  PluginType,
  RefreshOutcome,
  Registry,
  RegistryFields,
  Update,
} from "@hitagi/contract";
import type { IndexMeta } from "../store/types.ts";
import type { RegistryChange } from "./registry-fields.ts";

/** What search is narrowed by. */
export interface OfferFilter {
  registry?: string | undefined;
  q?: string | undefined;
  type?: PluginType | undefined;
  installed?: boolean | undefined;
  update?: boolean | undefined;
  page: number;
  size: number;
}

/** What is installed, as far as the catalog compares with it. */
export interface InstalledVersion {
  version: string;
  /** Null for builtin and sideloaded plugins, which have no updates. */
  registry: string | null;
}

export interface Page<T> {
  total: number;
  page: number;
  size: number;
  items: T[];
}

/** A version picked out of a registry. */
export interface Resolved {
  registry: string;
  plugin: IndexPlugin;
  version: IndexVersion;
}

/** What a refresh brought. */
export interface Refreshed extends Pick<IndexMeta, "skipped" | "skippedCount"> {
  /** registry.json in UTF-8, without what a lenient refresh skipped. */
  index: Buffer;
  /** False where the source said that nothing changed. */
  changed: boolean;
}

/** What is available: cached indexes, checked, searchable. */
export interface Catalog {
  /**
   * Fetches and checks a registry's index and caches it. Where that fails, the index cached before stays.
   * @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_BUSY, INDEX_INVALID, or what the source throws
   */
  refresh(registry: string, signal?: AbortSignal): Promise<Refreshed>;
  /** Forgets what is held in memory of a registry that changed or went. */
  forget(registry: string): void;
  /** @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_NOT_REFRESHED (where one registry is asked for) */
  search(filter: OfferFilter): Promise<Page<OfferedPlugin>>;
  /** Every registry's offer of a plugin. @throws HitagiError PLUGIN_NOT_OFFERED where there is none */
  offers(namespace: string): Promise<OfferedDetail[]>;
  updates(): Promise<Update[]>;
  /**
   * The version that an install takes: the one named, or the highest release by SemVer 2.0.0 §11, or the
   * highest prerelease where there is no release.
   * @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_NOT_REFRESHED, PLUGIN_NOT_IN_REGISTRY, VERSION_NOT_FOUND
   */
  resolve(registry: string, namespace: string, version?: string): Promise<Resolved>;
  /**
   * Fetches a resolved version's file, of at most MAX_ARTIFACT_BYTES. Its hash is the installer's to check.
   * @throws HitagiError REGISTRY_NOT_FOUND, or what Source.fetch throws
   */
  artifact(resolved: Resolved, signal?: AbortSignal): Promise<Buffer>;
}

/** The configured registries, with the rules for their fields. */
export interface Registries {
  list(): Promise<Registry[]>;
  /** @throws HitagiError REGISTRY_NOT_FOUND */
  get(id: string): Promise<Registry>;
  /** @throws HitagiError REGISTRY_FIELDS_INVALID (a field missing, not of this provider, or not valid) */
  create(fields: RegistryFields, credential?: Credential): Promise<Registry>;
  /**
   * Changes some fields. A changed source (provider, url, ref, path) drops the cached index; a changed provider
   * drops the fields of the old one. A credential that is not given again is dropped with the host that it was for.
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

/** What is tried: an address, or the fields of a registry; those given beside an address narrow what it may be. */
export interface ProbeRequest extends Partial<RegistryFields> {
  address?: string | undefined;
}

/**
 * Tries an address and says what is there; nothing is stored. Where `probe` is false nobody is asked.
 * @throws HitagiError ADDRESS_UNKNOWN, REGISTRY_FIELDS_INVALID; what sources throw is in the answer
 */
export type ProbeRegistry = (
  request: ProbeRequest & { probe?: boolean | undefined },
  credential?: Credential,
  signal?: AbortSignal,
) => Promise<FoundRegistry>;

/** Refreshes all registries, or some, at once, and answers how each ended, in the order of the list. */
export type RefreshAll = (options?: {
  which?: (registry: Registry) => boolean;
  signal?: AbortSignal;
}) => Promise<RefreshOutcome[]>;
