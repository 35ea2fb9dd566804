import {
  Left,
  Namespace,
  type ParameterValue,
  Permissions,
  PluginType,
  QuarantineCause,
  UpdateChoices,
} from "@hitagi/contract";
import { type Static, type TSchema, Type } from "typebox";
import type { Lock } from "./locks.ts";
import type { UpdateChange } from "./plugin-updates.ts";

/** The form of grants; the broker compares each host with what a plugin asks for. */
const Granted = Type.Object(
  {
    ...Permissions.properties,
    net: Type.Optional(Type.Array(Type.String())),
    files: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: false },
);
const RegistryOf = Type.Union([Type.String(), Type.Null()]);
const optional = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Undefined()]);

/** The folder of plugins from generated indexes. LANraragi reads Managed and Sideloaded, and does not know these plugins. */
export const OWN_FOLDER = "Hitagi";

/** Whether a plugin is Hitagi's alone, by the path of its file: no record of LANraragi's tells of it. */
export const isOwnPath = (path: string): boolean => path.startsWith(`${OWN_FOLDER}/`);

/** Whether an install from a registry put a file there. */
export const isManagedPath = (path: string): boolean => path.startsWith("Managed/") || isOwnPath(path);

/** What is installed under a namespace, and from where. */
export const Provenance = Type.Object({
  /** Relative to the plugins folder, with `/`: `Managed/Metadata/foo.ts`, `Hitagi/Metadata/foo.pm` or `Sideloaded/foo.ts`. */
  path: Type.String(),
  version: Type.String(),
  /** Null for a sideloaded plugin. */
  registry: RegistryOf,
  sha256: Type.String(),
  type: PluginType,
});
export type Provenance = Static<typeof Provenance>;

/** The record of a namespace. Settings and flags outlive the plugin. */
export const PluginRecord = Type.Object({
  namespace: Namespace,
  /** Undefined only in a record that another program wrote; the scan at the start repairs it. */
  type: optional(PluginType),
  provenance: optional(Provenance),
  settings: Type.Record(Type.String(), Type.Union([Type.Boolean(), Type.Number(), Type.String()])),
  /** The names of secret settings, each with the source of the plugin that it was entered for. */
  secrets: Type.Record(Type.String(), Type.String()),
  enabled: Type.Boolean(),
  hidden: Type.Boolean(),
  priority: Type.Number(),
  granted: Granted,
  quarantine: optional(
    Type.Object({ reason: Type.String(), since: Type.Number(), cause: Type.Optional(QuarantineCause) }),
  ),
  /** Undefined if its owner has decided nothing about its updates. */
  updates: Type.Optional(optional(UpdateChoices)),
});
export type PluginRecord = Static<typeof PluginRecord>;

/** A kept version with all that a rollback needs. */
export const StoredVersion = Type.Object({
  ...{ version: Type.String(), sha256: Type.String(), registry: RegistryOf },
  /** The time of its last install. */
  installed: Type.Number(),
  ...{ path: Type.String(), type: PluginType, granted: Granted },
  /** Undefined for the installed version, and for those that were left before this was noted. */
  left: Type.Optional(optional(Left)),
});
export type StoredVersion = Static<typeof StoredVersion>;

/** The one change by which a plugin appears, changes or goes. */
export interface PluginCommit {
  namespace: Namespace;
  /** The sha256 that was recorded when the change was planned; undefined for none. */
  expect: string | undefined;
  /**
   * The record afterwards; undefined removes the provenance and the grants, and keeps settings, flags and versions. With `orphan` the
   * registry may be gone, as that of a kept version.
   */
  after: { provenance: Provenance; granted: Permissions; orphan?: boolean } | undefined;
  /** When and why the version that was recorded is left; noted where it is kept. */
  left?: Left | undefined;
  /** What else changes of the owner's choices about updates. */
  updates?: UpdateChange | undefined;
  /** With a removal: settings, secrets, flags and choices about updates go too. */
  dropsSettings?: boolean | undefined;
  /** The locks that the change is made under. */
  under?: readonly Lock[] | undefined;
  now: number;
}

export interface PluginStore {
  get(namespace: Namespace): Promise<PluginRecord | undefined>;
  list(): Promise<PluginRecord[]>;
  /**
   * Writes provenance and grants, lifts a quarantine, and keeps the version among those that can be rolled
   * back to; of all the given plugins, or of none. Each plugin is given once.
   * @throws HitagiError LOCK_LOST if one of its locks is lost; PLUGIN_CHANGED if the recorded sha256 is not `expect`;
   *   REGISTRY_NOT_FOUND if the registry of the provenance is gone, unless it is an orphan
   */
  commit(...changes: readonly PluginCommit[]): Promise<void>;
  /**
   * Makes a record of that type if there is none, and fills in a missing type.
   * @param path of a file that no install put there, which LANraragi's record has too
   */
  register(namespace: Namespace, type: PluginType, path?: string): Promise<void>;
  /** @throws HitagiError PLUGIN_NOT_FOUND */
  configure(
    namespace: Namespace,
    flags: { enabled?: boolean; hidden?: boolean; priority?: number },
  ): Promise<void>;
  /**
   * Sets values; null goes back to the default. Other settings stay.
   * @param secrets the names of secret values, each with the source that it is entered for; all other values are not secret
   * @throws HitagiError PLUGIN_NOT_FOUND
   */
  set(
    namespace: Namespace,
    values: Record<string, ParameterValue | null>,
    secrets?: Record<string, string>,
  ): Promise<void>;
  /** Changes what the owner decided about updates. @throws HitagiError PLUGIN_NOT_FOUND */
  changeUpdates(namespace: Namespace, change: UpdateChange): Promise<void>;
  /** @throws HitagiError PLUGIN_NOT_FOUND */
  grant(namespace: Namespace, granted: Permissions): Promise<void>;
  /**
   * Sets or lifts the quarantine of a plugin that has a record.
   * @param of the sha256 of the quarantined version; nothing changes if another one is recorded
   */
  quarantine(namespace: Namespace, state: PluginRecord["quarantine"], of?: string): Promise<void>;
  /** The kept versions, the one installed last first. */
  versions(namespace: Namespace): Promise<StoredVersion[]>;
  /**
   * Forgets all but the last installed versions of a namespace. Bytes in the store itself that nothing names any more are removed in
   * the same step, unless they are pending.
   * @param keep the number of versions that stay
   * @returns the sha256 of versions that nothing names any more
   */
  prune(namespace: Namespace, keep: number): Promise<string[]>;
  /** Those of the sha256 that a record or a kept version of any namespace names. */
  named(hashes: readonly string[]): Promise<ReadonlySet<string>>;
  /** The namespaces whose record has this path; the case of letters is ignored. */
  ownersOf(path: string): Promise<Namespace[]>;
  /**
   * Updates {@link named} and {@link ownersOf} after another program wrote records; of all namespaces by default. Absent if no other
   * program writes into the store.
   */
  notice?(namespaces?: readonly Namespace[]): Promise<void>;
}

/** The small cache that plugins keep between calls. Each namespace has its own. */
export interface PluginCacheStore {
  get(namespace: string, key: string, now: number): Promise<string | undefined>;
  /** @param expires epoch seconds. The oldest entries of a namespace go when it holds more than 1,000. */
  set(namespace: string, key: string, value: string, expires: number): Promise<void>;
  clear(namespace: string): Promise<void>;
}
