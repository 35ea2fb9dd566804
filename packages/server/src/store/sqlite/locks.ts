import type { Lock, Locks } from "../types.ts";

export interface ProcessLocks extends Locks {
  isHeld(lock: Lock): boolean;
}

/** Locks of one process. They are enough for SQLite, as the lock on its file lets only one server use a database. */
export const createLocks = (): ProcessLocks => {
  let last = 0;
  const held = new Map<string, Lock>();
  return {
    isHeld: (lock) => held.get(lock.key) === lock,
    tryAcquire: async (key) => {
      if (held.has(key)) return undefined;
      const lock: Lock = {
        key,
        token: ++last,
        // Compared by identity: a second release must not free the lock of the next holder.
        release: async () => {
          if (held.get(key) === lock) held.delete(key);
        },
      };
      held.set(key, lock);
      return lock;
    },
  };
};
