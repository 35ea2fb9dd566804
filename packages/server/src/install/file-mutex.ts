import pLimit, { type LimitFunction } from "p-limit";

/** Lets one after the other work on the files of a namespace in this process; those of others are not waited for. */
export type KeyedMutex = <T>(namespace: string, work: () => Promise<T>) => Promise<T>;

/**
 * The lock of a plugin keeps other operations out, on all machines, for as long as one takes. A turn is short, and keeps
 * what makes this machine's files agree with the record apart from an operation that is moving them.
 */
export const createKeyedMutex = (): KeyedMutex => {
  const queues = new Map<string, { limit: LimitFunction; waiting: number }>();
  return async (namespace, work) => {
    const key = namespace.toLowerCase();
    const queue = queues.get(key) ?? { limit: pLimit(1), waiting: 0 };
    queues.set(key, queue);
    queue.waiting++;
    try {
      return await queue.limit(work);
    } finally {
      queue.waiting--;
      if (queue.waiting === 0) queues.delete(key);
    }
  };
};
