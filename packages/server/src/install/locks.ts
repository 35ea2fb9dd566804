import { HitagiError, type Namespace } from "@hitagi/contract";
import type { Lock, PluginCommit } from "../store/types.ts";
import type { InstallDeps } from "./deps.ts";

const locks = Symbol("locks");

/** The dependencies of a step that changes a plugin. They carry the plugin's lock, and only this file creates them. */
export interface LockedDeps extends InstallDeps {
  readonly [locks]: readonly [Lock, ...Lock[]];
}

const withLock = async <T>(
  deps: InstallDeps,
  key: string,
  namespace: Namespace,
  held: readonly Lock[],
  work: (locked: LockedDeps) => Promise<T>,
): Promise<T> => {
  const lock = await deps.store.locks.tryAcquire(key);
  if (!lock) throw new HitagiError("PLUGIN_BUSY", { namespace });
  try {
    return await work({ ...deps, [locks]: [lock, ...held] });
  } finally {
    await lock.release();
  }
};

/**
 * Runs work under the lock of a namespace.
 * @throws HitagiError PLUGIN_BUSY without waiting, where another operation holds the lock
 */
export const withPluginLock = <T>(
  deps: InstallDeps,
  namespace: Namespace,
  work: (locked: LockedDeps) => Promise<T>,
): Promise<T> => withLock(deps, `plugin:${namespace}`, namespace, [], work);

/**
 * Runs work also under the lock of a plugin's file, so that no other namespace takes the same file.
 * @throws HitagiError PLUGIN_BUSY without waiting, where another operation holds the lock
 */
export const withFileLock = <T>(
  deps: LockedDeps,
  file: string,
  namespace: Namespace,
  work: (locked: LockedDeps) => Promise<T>,
): Promise<T> => withLock(deps, `file:${file.toLowerCase()}`, namespace, deps[locks], work);

/** Commits a plugin's record, unless one of the locks is lost. @throws HitagiError LOCK_LOST, and see PluginStore.commit */
export const commitRecord = (deps: LockedDeps, change: Omit<PluginCommit, "under">): Promise<void> =>
  deps.commitUnder({ ...change, under: deps[locks] });
