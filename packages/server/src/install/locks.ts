import { HitagiError } from "@hitagi/contract";
import type { Locks } from "../store/types.ts";

const withLock = async <T>(
  locks: Locks,
  key: string,
  namespace: string,
  work: () => Promise<T>,
): Promise<T> => {
  const lock = await locks.tryAcquire(key);
  if (!lock) throw new HitagiError("PLUGIN_BUSY", { namespace });
  try {
    return await work();
  } finally {
    await lock.release();
  }
};

/**
 * Does work on a namespace while nobody else does.
 * @throws HitagiError PLUGIN_BUSY at once where somebody is at it
 */
export const withPluginLock = <T>(locks: Locks, namespace: string, work: () => Promise<T>): Promise<T> =>
  withLock(locks, `plugin:${namespace.toLowerCase()}`, namespace, work);

/**
 * Does work on a plugin's file while no other namespace can take the same one.
 * @throws HitagiError PLUGIN_BUSY at once where somebody is at it
 */
export const withFileLock = <T>(
  locks: Locks,
  file: string,
  namespace: string,
  work: () => Promise<T>,
): Promise<T> => withLock(locks, `file:${file.toLowerCase()}`, namespace, work);
