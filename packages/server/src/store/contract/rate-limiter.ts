/** A turn that was taken. */
export interface Turn {
  /** Lets the next one have it, as if it had not been taken. */
  giveBack(): Promise<void>;
}

/** Keeps the time between the turns that several servers take of one thing. */
export interface RateLimiter {
  /**
   * Takes a turn, or answers in how many milliseconds the next one may be taken.
   * @param everyMs milliseconds between this turn and the next
   */
  take(key: string, everyMs: number): Promise<Turn | number>;
}
