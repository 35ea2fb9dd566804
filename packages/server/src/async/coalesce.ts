/** Steps of one kind, one after the other. */
export interface Coalesced<T> {
  /**
   * A step that begins after this call; all who call before it begins share it. Where the one that runs now fails, so
   * does this, without having begun.
   */
  next(): Promise<T>;
  /** Resolves when no step runs. */
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
