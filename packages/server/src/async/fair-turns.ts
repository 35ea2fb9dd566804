/** Runs work, a few at once. */
export type FairTurns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * Shares places among keys. A free place goes to the key that has the fewest of them; of several, to the one that has waited longest
 * for its turn. So one key may use all places while no other waits, and no number of waiting calls of one key holds up another key.
 * @param places how much runs at once
 */
export const createFairTurns = (places: number): FairTurns => {
  /** The waiting calls by key. The key whose turn was last is last. */
  const waiting = new Map<string, (() => void)[]>();
  const running = new Map<string, number>();
  let taken = 0;

  const nextKey = (): string | undefined => {
    let best: string | undefined;
    for (const key of waiting.keys()) {
      if (best === undefined || (running.get(key) ?? 0) < (running.get(best) ?? 0)) best = key;
    }
    return best;
  };
  const admit = (): void => {
    while (taken < places) {
      const key = nextKey();
      if (key === undefined) return;
      const [begin, ...others] = waiting.get(key) ?? [];
      waiting.delete(key);
      if (others.length > 0) waiting.set(key, others);
      taken++;
      running.set(key, (running.get(key) ?? 0) + 1);
      begin?.();
    }
  };
  const leave = (key: string): void => {
    taken--;
    const left = (running.get(key) ?? 1) - 1;
    if (left > 0) running.set(key, left);
    else running.delete(key);
    admit();
  };

  return async (key, work) => {
    await new Promise<void>((begin) => {
      waiting.set(key, [...(waiting.get(key) ?? []), begin]);
      admit();
    });
    try {
      return await work();
    } finally {
      leave(key);
    }
  };
};
