import type { HitagiError, Manifest } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Admission } from "../admission/types.ts";
import type { Artifacts } from "../artifacts/types.ts";
import type { KeyedMutex } from "../async/keyed-mutex.ts";
import type { Catalog } from "../catalog/types.ts";
import type { RejectedFiles } from "../plugins/registry/rejected-files.ts";
import type { ActivePlugins } from "../plugins/types.ts";
import type { Runtime } from "../runtimes/types.ts";
import type { Lock, PluginCommit, PluginStore, Store } from "../store/types.ts";
import type { Journal } from "./recovery/journal.ts";

/**
 * The points between two steps, in the order of an operation, which may skip some. From `committed` on, the new state is
 * the valid one.
 */
export const faultPoints = [
  "planned",
  "fetched",
  "staged",
  "verified",
  "vetted",
  "kept",
  "journaled",
  "placed",
  "removed",
  "committed",
  "cleared",
  "pruned",
] as const;
export type FaultPoint = (typeof faultPoints)[number];

export interface InstallerOptions {
  store: Pick<Store, "plugins" | "registries" | "locks" | "cache">;
  artifacts: Artifacts;
  admission: Admission;
  catalog: Pick<
    Catalog,
    "resolve" | "updates" | "heldUpdates" | "withdrawn" | "artifact" | "offers" | "details"
  >;
  active: Pick<ActivePlugins, "get" | "list" | "set">;
  rejectedFiles: Pick<RejectedFiles, "claiming">;
  runtimes: readonly Runtime[];
  /** The namespaces of all builtin plugins, active or not. */
  builtins?: ReadonlySet<string>;
  /** Holds `Managed/<Type>/`, `Hitagi/<Type>/` and `Sideloaded/`. */
  pluginsFolder: string;
  /** For incoming files. On the disk of the plugins folder, a move is one rename. */
  stagingFolder: string;
  /** One file for each operation that moves files. */
  journalFolder: string;
  /** Whether other servers change the records too. */
  isStoreShared?: boolean;
  /** What a first install is granted by default: the declared permissions, or none until the owner decides. */
  grants?: "declared" | "ask";
  /** Epoch seconds; the system's clock by default. */
  now?: () => number;
  log: Pick<Logger, "info" | "warn" | "error">;
  /** Called at every fault point; for tests that stop or kill the process there. */
  onFaultPoint?: (point: FaultPoint) => void | Promise<void>;
}

/** A version that was fetched, verified and vetted for a preview. */
export interface PreviewedVersion {
  bytes: Buffer;
  manifest: Manifest;
  /** What its owner should know, as `hitagi check` says it; absent where it was fetched for an install without a preview. */
  findings?: readonly HitagiError[];
}

/** What the steps of an operation need. A step that changes a plugin takes LockedDeps instead; see locks.ts. */
export interface InstallDeps extends Omit<Required<InstallerOptions>, "store" | "journalFolder"> {
  store: Pick<Store, "registries" | "locks" | "cache"> & { plugins: Omit<PluginStore, "commit"> };
  /** Commits records under at least one lock, all or none. Steps call commitRecords of locks.ts. */
  commitUnder(
    ...changes: readonly (Omit<PluginCommit, "under"> & { under: readonly [Lock, ...Lock[]] })[]
  ): Promise<void>;
  journal: Journal;
  /** By sha256, in memory only, so that an install after a preview need not fetch. */
  previewCache: {
    get(sha256: string): PreviewedVersion | undefined;
    set(sha256: string, version: PreviewedVersion): unknown;
  };
  /**
   * By namespace in lower case. Serialises work on a plugin's files on this machine. It is held briefly; the plugin's lock
   * excludes other operations on all machines, and is held for a whole operation.
   */
  fileMutex: KeyedMutex;
}
