/** Steps of one kind, one after the other. */
export interface Steps<T> {
  /** A step that begins after this call; whoever calls before it begins shares it. */
  next(): Promise<T>;
  /** Resolves when no step runs. */
  ended(): Promise<void>;
}

export const createSteps = <T>(step: () => Promise<T>): Steps<T> => {
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | undefined;

  const begin = (): Promise<T> => {
    waiting = undefined;
    return step();
  };
  return {
    next: () => {
      waiting ??= running.then(begin, begin);
      running = waiting;
      return waiting;
    },
    ended: async () => void (await running.catch(() => {})),
  };
};
