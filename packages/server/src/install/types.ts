import type { Grant, InstallPlan, Namespace, Permissions, Verified } from "@hitagi/contract";
import type { InstalledFile } from "./steps/current-state.ts";

export interface InstallRequest {
  /** In any case. */
  namespace: Namespace;
  registry: string;
  version?: string | undefined;
  force?: boolean | undefined;
  /** What is granted; where it says nothing, see InstallerOptions.grants, and an upgrade that asks for more waits. */
  grant?: Grant | undefined;
}

/** What is in force after an operation; `registry` is null for a sideloaded plugin. */
export interface Installed {
  name: string;
  namespace: Namespace;
  version: string;
  registry: string | null;
  sha256: string;
  granted: Permissions;
  /** Secrets that are set for the namespace and that it does not get: they were entered for a plugin from elsewhere. */
  withheld: string[];
}

/** How one plugin fared in an upgrade of several. */
export interface Upgraded {
  namespace: Namespace;
  from: string;
  to: string;
  error: { code: string; message: string; hint: string } | null;
}

export interface Progress {
  signal?: AbortSignal | undefined;
  /** Called as a step begins: plan, fetch, verify, vet, commit. */
  onStep?: ((step: string) => void) | undefined;
}

/**
 * Changes which plugins are installed. Operations on one namespace exclude each other (PLUGIN_BUSY at once, no
 * waiting); those on different ones run side by side. Whatever fails leaves what was there before.
 */
export interface Installer {
  /**
   * What an install would do. A version that is not known here is fetched, verified and vetted for it, and nothing is
   * published. Conflicts are in the plan, not thrown, and so is why a version does not load.
   * @throws what Catalog.resolve throws
   */
  plan(request: InstallRequest, signal?: AbortSignal): Promise<InstallPlan>;
  /**
   * @throws HitagiError PLUGIN_BUSY, what Catalog.resolve and Source.fetch throw, NAMESPACE_TAKEN, FILE_TAKEN,
   *   OTHER_REGISTRY, HASH_MISMATCH, ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE, PACKAGE_MISMATCH, MANIFEST_INVALID,
   *   MANIFEST_MISMATCH, LOAD_FAILED, LOAD_CHECK_FAILED, PERMISSION_NEEDED, GRANT_NEEDED, PERMISSION_NOT_ASKED,
   *   PLUGIN_CHANGED, DISK_FULL, UNDO_FAILED
   */
  install(request: InstallRequest, progress?: Progress): Promise<Installed>;
  /** Upgrades the named plugins, or all that have an update; one that fails does not stop the others. */
  upgrade(namespaces: Namespace[] | undefined, grant: boolean, progress?: Progress): Promise<Upgraded[]>;
  /** @throws HitagiError PLUGIN_BUILTIN, PLUGIN_NOT_INSTALLED, PLUGIN_BUSY */
  uninstall(namespace: Namespace): Promise<{ name: string }>;
  /**
   * Puts a kept version back, vetted again: the one named, or the one that was installed before the current one, so that
   * a second call undoes the first. Brings back an uninstalled plugin too. It may do what was granted to it then, less
   * what the owner has taken away since.
   * @throws HitagiError PLUGIN_NOT_INSTALLED (nothing is kept either), PLUGIN_BUILTIN, NOTHING_TO_ROLL_BACK,
   *   VERSION_NOT_KEPT, NAMESPACE_TAKEN, FILE_TAKEN, PLUGIN_BUSY, LOAD_FAILED, LOAD_CHECK_FAILED
   */
  rollback(namespace: Namespace, version?: string): Promise<Installed>;
  /**
   * Installs an uploaded file as a sideloaded plugin, through the same checks.
   * @param grant all that it asks for, or nothing beyond what was granted before; all where absent, unless the installer
   *   is set to ask
   * @throws HitagiError PAYLOAD_TOO_LARGE, ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE, LOAD_FAILED, LOAD_CHECK_FAILED,
   *   MANIFEST_INVALID, NAMESPACE_TAKEN (by a builtin or a managed plugin), FILE_TAKEN, PERMISSION_NEEDED, GRANT_NEEDED,
   *   PLUGIN_BUSY, DISK_FULL
   */
  sideload(filename: string, bytes: Buffer, grant?: boolean, progress?: Progress): Promise<Installed>;
  /** Every installed file against its record. */
  verify(): Promise<Verified[]>;
  /** Finishes or undoes what a process that died left in the journal. Called once, before anything else. */
  recover(): Promise<void>;
  /**
   * Makes this machine's files of a plugin agree with its record, which another server on the same store may have
   * changed; see reconcilePlugin. It waits for its turn with an operation on the plugin that is moving files here, but not
   * for one that is fetching or vetting.
   * @param placed what this machine had in place, as far as it is known
   * @param follow done once they agree, before an operation on the plugin can move files here: to put it in force, for one
   * @throws HitagiError PLUGIN_BYTES_MISSING, PLUGIN_PLACE_INVALID, DISK_FULL, and what the store throws
   */
  reconcile(
    namespace: Namespace,
    placed: InstalledFile | undefined,
    follow?: () => Promise<void>,
  ): Promise<void>;
  /**
   * Makes all files of this machine agree with the records of a store that several servers share, before the first scan; see
   * reconcile.ts.
   * @returns the namespaces whose recorded file could not be put in place, and why
   */
  reconcileAll(): Promise<ReadonlyMap<Namespace, string>>;
  /** Puts the bytes of versions that only this machine has where the servers share them; until the signal aborts. */
  replicateArtifacts(signal: AbortSignal): Promise<void>;
}
