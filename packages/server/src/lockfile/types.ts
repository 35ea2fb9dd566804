import type { Lockfile, SyncPlan } from "@hitagi/contract";
import type { Progress } from "../install/types.ts";

/** A lock file, and how this server is to become what it says. */
export interface SyncRequest {
  lock: Lockfile;
  /** Whether what is installed and not in the lock file is removed. */
  prune?: boolean | undefined;
  /** By names of the lock file, the ids of registries here that take their place. */
  registries?: Readonly<Record<string, string>> | undefined;
}

export interface SyncProgress extends Progress {
  /** What an interrupted run of the same sync kept. */
  checkpoint?: unknown;
  /** Keeps what an undo needs, before the first change. */
  keep: (checkpoint: unknown) => Promise<void>;
}

/** The set of registries and plugins of a server as a lock file. */
export interface Lockfiles {
  /** The set as it is here, without secrets. */
  export(): Promise<Lockfile>;
  /**
   * What a sync would do. It refreshes the registries that it would install from, and changes nothing else.
   * @throws HitagiError VALIDATION_FAILED (an entry leads to none), REGISTRY_NOT_FOUND (a registry that the request names); all else is a
   *   conflict of the plan
   */
  plan(request: SyncRequest, signal?: AbortSignal): Promise<SyncPlan>;
  /**
   * Makes the set what the lock file says, in one go or not at all: adds registries, refreshes them, and changes plugins only if
   * nothing conflicts. If a step fails, all before it is undone. A run that the end of the server interrupts is continued by the next
   * one with its checkpoint.
   * @returns the plan that was carried out; one with conflicts was not
   * @throws HitagiError SYNC_BUSY, UNDO_FAILED, and what `plan` and a step throw
   */
  sync(request: SyncRequest, progress: SyncProgress): Promise<SyncPlan>;
}
