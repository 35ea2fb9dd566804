/**
 * Call it before an answer from memory. Undefined while memory agrees with the store, else a promise that
 * resolves when it agrees again. It rejects with STORE_UNREACHABLE, another error of the store, or STOPPING.
 */
export type EnsureFresh = () => Promise<void> | undefined;

/** For a process that has its store to itself. */
export const alwaysFresh: EnsureFresh = () => undefined;
