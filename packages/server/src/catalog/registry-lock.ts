import { HitagiError } from "@hitagi/contract";
import type { Lock, Locks } from "../store/types.ts";

/**
 * Runs work while nothing else changes or refreshes a registry.
 * @throws HitagiError REGISTRY_BUSY at once where something does
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
