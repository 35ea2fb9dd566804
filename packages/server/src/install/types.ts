import type {
  ErrorReport,
  Grant,
  HitagiError,
  InstallPlan,
  Manifest,
  Namespace,
  Permissions,
  RuntimeName,
  ShownVersion,
  Update,
  UpgradePreview,
  Verified,
} from "@hitagi/contract";
import type { Provenance } from "../store/types.ts";
import type { InstalledFile } from "./steps/current-state.ts";

export interface InstallRequest {
  /** In any case. */
  namespace: Namespace;
  registry: string;
  version?: string | undefined;
  force?: boolean | undefined;
  /** Whether to replace a sideloaded plugin. */
  move?: boolean | undefined;
  /** Whether a version may have other bytes than when it was first seen. */
  acceptChanged?: boolean | undefined;
  /** Whether an unsigned registry may replace a signed one. */
  acceptUnsigned?: boolean | undefined;
  /** Whether what it needs may be missing, and what other plugins need may break. */
  ignoreRequirements?: boolean | undefined;
  /** Whether other registries may bring what it needs. */
  otherRegistries?: boolean | undefined;
  /** The only versions that the owner agreed to; absent if there was no preview. */
  shown?: readonly ShownVersion[] | undefined;
  /** Who wants the newest version, which the request names: an upgrade of the owner, or an automatic one. */
  update?: "upgrade" | "automatic" | undefined;
  /** What is granted; by default see InstallerOptions.grants, and an upgrade with new permissions fails. */
  grant?: Grant | undefined;
  /** Whether all permissions of a first install wait for the owner, also where the server grants what is declared. */
  asksFirst?: boolean | undefined;
}

/** The active version after an operation; `registry` is null for a sideloaded plugin. */
export interface Installed {
  name: string;
  namespace: Namespace;
  version: string;
  /** The version before; null if none was installed. */
  from: string | null;
  registry: string | null;
  sha256: string;
  granted: Permissions;
  /** Secrets of the namespace that the plugin does not get: they were entered for a plugin from another source. */
  withheld: string[];
  /** What the owner should know; absent if there is nothing. */
  warnings?: ErrorReport[];
  /** The plugins that were installed or upgraded with it, because it needs them; absent if there are none. */
  required?: Pick<Installed, "namespace" | "version" | "from" | "registry" | "sha256">[];
}

export interface Sideloaded extends Installed {
  /** The name of its file here: another one than was given if another plugin has a file of that name. */
  filename: string;
}

/** The result for one plugin of an upgrade. */
export interface Upgraded {
  namespace: Namespace;
  from: string;
  to: string;
  error: ErrorReport | null;
  /** Absent if there are none. */
  warnings?: ErrorReport[];
  /** See Installed. */
  required?: Installed["required"];
}

export interface Progress {
  signal?: AbortSignal | undefined;
  /** Called as a step begins: plan, fetch, verify, vet, commit. */
  onStep?: ((step: string) => void) | undefined;
}

export interface UpgradeOptions extends Progress {
  /** Whether no person asked for it; see the owner's install policy. */
  isAutomatic?: boolean | undefined;
  /** See InstallRequest: those of all previews. */
  shown?: readonly ShownVersion[] | undefined;
}

export interface RestoreOptions {
  /** Whether it undoes a change, so that the owner's rules, which allowed the version before, are not asked again. */
  isUndo?: boolean;
}

/** What a restore of a kept version would put in place, and what is against it. */
export interface RestorePlan {
  /** Undefined where its file is not kept. */
  manifest: Manifest | undefined;
  /** Undefined where no runtime here runs its file. */
  runtime: RuntimeName | undefined;
  /** VERSION_NOT_KEPT, RUNTIME_UNAVAILABLE, and what the owner's rules refuse. */
  conflicts: HitagiError[];
}

/** The owner's word for a change that needs of plugins stand against. */
export interface RequirementsOption {
  /** Whether other plugins may lose what they need, and the plugin may lack what it needs. */
  ignoreRequirements?: boolean | undefined;
}

export interface UninstallOptions extends RequirementsOption {
  /** Whether its settings, secrets, flags, cache and choices about updates go too. */
  dropSettings?: boolean | undefined;
}

export interface SideloadOptions extends Progress, RequirementsOption {
  /** Whether to replace a registry's plugin. */
  move?: boolean | undefined;
}

/**
 * Installs, changes and removes plugins. A second operation on a namespace fails with PLUGIN_BUSY without waiting; operations on
 * different namespaces run at the same time. A failed operation changes nothing.
 */
export interface Installer {
  /**
   * Plans an install. Fetches, verifies and vets an unknown version, and publishes nothing. Conflicts are in the plan, not thrown,
   * and so is the reason why a version does not load.
   * @throws HitagiError, see Catalog.resolve
   */
  plan(request: InstallRequest, signal?: AbortSignal): Promise<InstallPlan>;
  /**
   * Installs a plugin with what it needs, in one transaction.
   * @throws HitagiError PLUGIN_BUSY, those of Catalog.resolve and Source.fetch, NAMESPACE_TAKEN, FILE_TAKEN,
   *   OTHER_REGISTRY, VERSION_CHANGED, WOULD_DOWNGRADE, HASH_MISMATCH, ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE, PACKAGE_MISMATCH, MANIFEST_INVALID,
   *   MANIFEST_MISMATCH, LOAD_FAILED, LOAD_CHECK_FAILED, PERMISSION_NEEDED, GRANT_NEEDED, PERMISSION_NOT_ASKED,
   *   PLUGIN_CHANGED, DISK_FULL, UNDO_FAILED, HITAGI_NEEDED, REQUIREMENT_UNMET, REQUIREMENT_ELSEWHERE, REQUIREMENT_BROKEN,
   *   REQUIREMENT_NEW, INSTALL_SET_CHANGED; and what the owner's rules refuse, see admission/
   */
  install(request: InstallRequest, progress?: Progress): Promise<Installed>;
  /**
   * Plans the upgrades of the named plugins, or of all with an update, as if all is granted that they ask for. Publishes nothing. Why a
   * plugin cannot be upgraded is in its preview, not thrown.
   * @throws HitagiError PLUGIN_CANCELLED
   */
  planUpgrades(namespaces: readonly Namespace[] | undefined, signal?: AbortSignal): Promise<UpgradePreview[]>;
  /**
   * Plans an update that no person asked for.
   * @returns the versions that it puts in place
   * @throws HitagiError the first conflict of its plan, or UPDATE_NEEDS_OWNER where it has something new that the owner decides on
   */
  judgeAutomatic(update: Update, signal?: AbortSignal): Promise<ShownVersion[]>;
  /**
   * Upgrades the named plugins, or all with an update. A failure does not stop the others. An automatic upgrade without `shown` is judged
   * as `judgeAutomatic` says.
   */
  upgrade(namespaces: Namespace[] | undefined, grant: boolean, options?: UpgradeOptions): Promise<Upgraded[]>;
  /**
   * Removes a plugin. Its settings and kept versions stay.
   * @throws HitagiError PLUGIN_BUILTIN, PLUGIN_NOT_INSTALLED, PLUGIN_BUSY, PLUGIN_REQUIRED (other plugins need it)
   */
  uninstall(
    namespace: Namespace,
    options?: UninstallOptions,
  ): Promise<{ name: string; version: string | null }>;
  /**
   * Puts the recorded version in place again, vetted again, with its settings and grants. Ends a quarantine.
   * @throws HitagiError PLUGIN_BUILTIN, PLUGIN_NOT_INSTALLED, and what `rollback` and `install` throw
   */
  reinstall(namespace: Namespace): Promise<Installed>;
  /**
   * Makes a registry's plugin a sideloaded one: the sideloaded version that was installed last, or the active one's own code.
   * @throws HitagiError PLUGIN_BUILTIN, PLUGIN_NOT_INSTALLED, ALREADY_SIDELOADED, and what `rollback` throws
   */
  moveToSideloaded(namespace: Namespace, options?: RequirementsOption): Promise<Installed>;
  /**
   * Restores a kept version, and vets it again: the named one, or the one before the current one, so that a second call undoes the
   * first. Restores an uninstalled plugin too. It gets the permissions of then, except those that the owner has
   * revoked since, and the files of now.
   * @throws HitagiError PLUGIN_NOT_INSTALLED (and no version is kept), PLUGIN_BUILTIN, NOTHING_TO_ROLL_BACK,
   *   NOTHING_SAFE_TO_ROLL_BACK (each kept version is blocked, yanked or left out, and none is named),
   *   VERSION_NOT_KEPT, PLUGIN_REQUIRED (others need what is installed), REQUIREMENT_LACKING, HITAGI_NEEDED, NAMESPACE_TAKEN,
   *   FILE_TAKEN, PLUGIN_BUSY, LOAD_FAILED, LOAD_CHECK_FAILED
   */
  rollback(namespace: Namespace, version?: string, options?: RequirementsOption): Promise<Installed>;
  /**
   * What stands against each kept version of a plugin, by sha256: what the owner's rules or its keeper say, PLUGIN_REQUIRED, or what
   * it needs and does not have. A version that is yanked, that others do not go with, or that lacks something can be gone back to by the
   * owner's word.
   */
  judgeReturns(namespace: Namespace): Promise<ReadonlyMap<string, ErrorReport>>;
  /**
   * Restores exactly this version, whose bytes are kept, with exactly these permissions, and vets it again. Its registry may be gone.
   * @throws HitagiError as `rollback`
   */
  restoreVersion(
    namespace: Namespace,
    version: Provenance,
    granted: Permissions,
    options?: RestoreOptions,
  ): Promise<Installed>;
  /** Plans a restore of exactly this version. Changes nothing. */
  planRestore(namespace: Namespace, version: Provenance): Promise<RestorePlan>;
  /** The manifest of a version that was installed or previewed here, by sha256. */
  manifest(sha256: string): Promise<Manifest | undefined>;
  /**
   * Installs an uploaded file as a sideloaded plugin, through the same checks.
   * @param grant grants all that it asks for, or nothing new; by default all, unless the installer is set to ask
   * @throws HitagiError PAYLOAD_TOO_LARGE, ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE, LOAD_FAILED, LOAD_CHECK_FAILED,
   *   MANIFEST_INVALID, NAMESPACE_TAKEN (by a builtin or a managed plugin), FILE_TAKEN, PERMISSION_NEEDED, GRANT_NEEDED,
   *   PLUGIN_REQUIRED (others need what is installed), REQUIREMENT_LACKING, HITAGI_NEEDED, PLUGIN_BUSY, DISK_FULL
   */
  sideload(filename: string, bytes: Buffer, grant?: boolean, options?: SideloadOptions): Promise<Sideloaded>;
  /** Compares every installed file with its record. */
  verify(): Promise<Verified[]>;
  /** Finishes or undoes the interrupted operations in the journal. Called once, before all else. */
  recover(): Promise<void>;
  /**
   * Makes the files of a plugin on this machine agree with its record, which another server may have changed; see reconcilePlugin. Waits for
   * an operation that moves files of the plugin here, but not for one that fetches or vets.
   * @param installed the file that this machine had in place, if it is known
   * @param follow runs once they agree, before another operation moves files of the plugin here: for example, to activate it
   * @throws HitagiError PLUGIN_BYTES_MISSING, PLUGIN_PLACE_INVALID, DISK_FULL, errors of the store
   */
  reconcile(
    namespace: Namespace,
    installed: InstalledFile | undefined,
    follow?: () => Promise<void>,
  ): Promise<void>;
  /**
   * Makes all plugin files of this machine agree with the records, before the first scan; see reconcile-all.ts.
   * @returns the namespaces whose recorded file is not in place, and why
   */
  reconcileAll(): Promise<ReadonlyMap<Namespace, string>>;
  /** Puts artifacts that only this machine has on the share, until the signal aborts. */
  replicateArtifacts(signal: AbortSignal): Promise<void>;
}
