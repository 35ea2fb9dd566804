/**
 * Called before anything is answered from memory. Undefined while memory agrees with the store, else a promise that
 * resolves when it agrees again. It rejects with STORE_UNREACHABLE, another error of the store, or STOPPING.
 */
export type EnsureFresh = () => Promise<void> | undefined;

/** For a process that has its store to itself: only this process changes it, so memory is always fresh. */
export const alwaysFresh: EnsureFresh = () => undefined;
