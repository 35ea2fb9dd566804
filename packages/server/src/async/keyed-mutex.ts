/** Runs one piece of work at a time for each key, in the order of the calls. */
export interface KeyedMutex {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export const createKeyedMutex = (): KeyedMutex => {
  /** For each key, what settles when the last work has ended. */
  const last = new Map<string, Promise<unknown>>();
  return {
    run: async (key, work) => {
      const result = (last.get(key) ?? Promise.resolve()).then(work);
      const ended = result.then(
        () => {},
        () => {},
      );
      last.set(key, ended);
      try {
        return await result;
      } finally {
        if (last.get(key) === ended) last.delete(key);
      }
    },
  };
};
