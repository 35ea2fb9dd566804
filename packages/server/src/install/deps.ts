import type { Logger } from "pino";
import type { Artifacts } from "../artifacts/types.ts";
import type { KeyedMutex } from "../async/keyed-mutex.ts";
import type { Catalog } from "../catalog/types.ts";
import type { RejectedFiles } from "../plugins/registry/rejected-files.ts";
import type { ActivePlugins } from "../plugins/types.ts";
import type { Runtime } from "../runtimes/types.ts";
import type { Store } from "../store/types.ts";
import type { PreviewCache } from "./operations/preview-cache.ts";

/**
 * The points between two steps, in the order in which an operation passes them; not every operation passes all.
 * `committed` is the one from which on the new state is the true one.
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

/** What the installer is made of. */
export interface InstallerOptions {
  store: Pick<Store, "plugins" | "registries" | "locks">;
  artifacts: Artifacts;
  catalog: Pick<Catalog, "resolve" | "updates" | "artifact">;
  active: Pick<ActivePlugins, "get" | "list" | "set">;
  /** The plugin files that are not run. */
  rejectedFiles: Pick<RejectedFiles, "claiming">;
  runtimes: readonly Runtime[];
  /** Namespaces of the builtin plugins, for those that are not in force. */
  builtins?: ReadonlySet<string>;
  /** Holds `Managed/<Type>/` and `Sideloaded/`. */
  pluginsFolder: string;
  /** For files on their way in; best on the disk of the plugins folder, where a move is one rename. */
  stagingFolder: string;
  /** One file for each operation that is moving files now. */
  journalFolder: string;
  /** Whether several servers share the store, so that another one may have changed a plugin's record. */
  isStoreShared?: boolean;
  /** What a request that says nothing of it grants a first install; what it asks for where absent. */
  grants?: "declared" | "ask";
  /** Epoch seconds; the system's clock where absent. */
  now?: () => number;
  log: Pick<Logger, "info" | "warn" | "error">;
  /** Called at every fault point, for the tests that stop or kill the process there. */
  onFaultPoint?: (point: FaultPoint) => void | Promise<void>;
}

/** The same with every option filled in; what the steps take. */
export interface InstallDeps extends Required<InstallerOptions> {
  /** What previews have learned of versions that are not installed. */
  previewCache: PreviewCache;
  /**
   * By namespace in lower case. Guards the files of a plugin on this machine for a moment, while the plugin's lock keeps other
   * operations out, on all machines, for as long as one takes.
   */
  fileMutex: KeyedMutex;
}
