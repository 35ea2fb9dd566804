/** The ids of nodes with when each was heard of last, as the store tells them. */
export type Heard = ReadonlyMap<string, string>;

/** For how long a node sees others silent, by its own clock. */
export interface Silence {
  /** Those that were silent for the whole time: each with when it was heard of last, as it must still be. */
  ended(): Heard;
  /** Notes all that are silent now. */
  note(silent: Heard): void;
}

/**
 * The store's clock, which may be set and is another one after a fail-over, only says who seems to be silent. That a node
 * has no lease any more takes a witness: one that has seen it silent for longer than a lease lasts.
 * @param ms milliseconds of silence on the monotonic clock of this process
 */
export const createSilence = (ms: number): Silence => {
  let seen = new Map<string, { heard: string; since: number }>();
  return {
    ended: () => {
      const now = performance.now();
      const ended = [...seen].filter(([, { since }]) => now - since >= ms);
      return new Map(ended.map(([id, { heard }]) => [id, heard]));
    },
    note: (silent) => {
      const since = performance.now();
      const noted = [...silent].map(([id, heard]) => {
        const before = seen.get(id);
        return [id, before?.heard === heard ? before : { heard, since }] as const;
      });
      seen = new Map(noted);
    },
  };
};
