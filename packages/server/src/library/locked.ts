import { HitagiError } from "@hitagi/contract";
import type { Locks } from "../store/types.ts";

/** Does something to an archive while nobody else does. @throws HitagiError ARCHIVE_BUSY, or what `act` throws */
export const locked = async <T>(locks: Locks, id: string, act: () => Promise<T>): Promise<T> => {
  const lock = await locks.tryAcquire(`archive:${id}`);
  if (lock === undefined) throw new HitagiError("ARCHIVE_BUSY", { id });
  try {
    return await act();
  } finally {
    await lock.release();
  }
};
