/** Runs a step one call after the other; calls that wait share one run. */
export interface Coalesced<T> {
  /** A run that begins after this call, shared by the calls before its start. They fail with the current run. */
  next(): Promise<T>;
  /** Resolves when no run is under way. */
  ended(): Promise<void>;
}

export const coalesce = <T>(step: () => Promise<T>): Coalesced<T> => {
  let running: Promise<T> | undefined;
  let waiting: Promise<T> | undefined;

  const begin = (): Promise<T> => {
    waiting = undefined;
    running = step().finally(() => {
      running = undefined;
    });
    return running;
  };
  const giveUp = (error: unknown): never => {
    waiting = undefined;
    throw error;
  };
  return {
    next: () => {
      if (!waiting && !running) return begin();
      waiting ??= (running as Promise<T>).then(begin, giveUp);
      return waiting;
    },
    ended: async () => void (await (waiting ?? running)?.catch(() => {})),
  };
};
