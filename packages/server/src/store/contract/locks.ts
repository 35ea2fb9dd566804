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
