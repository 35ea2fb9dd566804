import { HitagiError } from "@hitagi/contract";
import type { Lock, Locks } from "../store/types.ts";

/**
 * Runs work under the lock of a registry, so that nothing else changes or refreshes it.
 * @throws HitagiError REGISTRY_BUSY at once where the lock is held
 */
export const withRegistryLock = async <T>(
  locks: Locks,
  id: string,
  work: (lock: Lock) => Promise<T>,
): Promise<T> => {
  const lock = await locks.tryAcquire(`registry:${id}`);
  if (lock === undefined) throw new HitagiError("REGISTRY_BUSY", { id });
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
};
