/** Locks that end with their holder. */
export interface Locks {
  /** Takes the lock; answers undefined at once if it is held. */
  tryAcquire(key: string): Promise<Lock | undefined>;
}

export interface Lock {
  readonly key: string;
  /** Identifies this holder of the key; larger than any token before. */
  readonly token: number;
  /** Frees the key. Never rejects, as the work under the lock did not fail: a lock that cannot be freed ends by itself. */
  release(): Promise<void>;
}

/** A use that a rate limit allowed. */
interface Turn {
  /** Undoes the use, as if it had not been taken. */
  giveBack(): Promise<void>;
}

/** Keeps a time between the uses of one thing by several servers. */
export interface RateLimiter {
  /**
   * Takes a use, or answers the milliseconds until the next one is allowed.
   * @param everyMs milliseconds between this use and the next
   */
  take(key: string, everyMs: number): Promise<Turn | number>;
}
