/** Locks that live exactly as long as their holder. */
export interface Locks {
  /** Takes the lock, or answers undefined at once where somebody holds it. */
  tryAcquire(key: string): Promise<Lock | undefined>;
}

export interface Lock {
  readonly key: string;
  /** Tells this holding of the key from all others; larger than that of any before. */
  readonly token: number;
  /**
   * Frees the key. Never rejects, so that what was done under the lock does not seem to have failed: a lock that cannot be freed
   * ends by itself.
   */
  release(): Promise<void>;
}
