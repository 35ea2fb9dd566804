/** A use that a rate limit allowed. */
export interface Turn {
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
