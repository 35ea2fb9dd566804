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
 * Runs work under the locks of namespaces.
 * @param namespaces at least one, sorted and each once
 * @throws HitagiError PLUGIN_BUSY without waiting, where another operation holds one of the locks
 */
export const withPluginLocks = <T>(
  deps: InstallDeps,
  [namespace, ...more]: readonly [Namespace, ...Namespace[]],
  work: (locked: LockedDeps) => Promise<T>,
): Promise<T> =>
  withLock(deps, `plugin:${namespace}`, namespace, [], (first) => withMoreLocks(first, more, work));

const withMoreLocks = <T>(
  deps: LockedDeps,
  [namespace, ...more]: readonly Namespace[],
  work: (locked: LockedDeps) => Promise<T>,
): Promise<T> =>
  namespace === undefined
    ? work(deps)
    : withLock(deps, `plugin:${namespace}`, namespace, deps[locks], (next) =>
        withMoreLocks(next, more, work),
      );

/**
 * Runs work also under the locks of plugins' files, so that no other namespace takes the same files.
 * @throws HitagiError PLUGIN_BUSY without waiting, where another operation holds one of the locks
 */
export const withFileLocks = <T>(
  deps: LockedDeps,
  [first, ...more]: readonly { file: string; namespace: Namespace }[],
  work: (locked: LockedDeps) => Promise<T>,
): Promise<T> =>
  first === undefined
    ? work(deps)
    : withLock(deps, `file:${first.file.toLowerCase()}`, first.namespace, deps[locks], (next) =>
        withFileLocks(next, more, work),
      );

/** Commits the records of plugins, all or none, unless one of the locks is lost. @throws HitagiError LOCK_LOST, and see PluginStore.commit */
export const commitRecords = (
  deps: LockedDeps,
  changes: readonly Omit<PluginCommit, "under">[],
): Promise<void> => deps.commitUnder(...changes.map((change) => ({ ...change, under: deps[locks] })));
