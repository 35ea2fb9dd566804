import { HitagiError } from "@hitagi/contract";

/** The total time of the fetches of one refresh. Waits between them do not count. */
export interface FetchBudget {
  /** Runs a fetch with the time that is left. @throws HitagiError SOURCE_TIMEOUT where none is left */
  spend<T>(file: string, fetch: (timeoutMs: number) => Promise<T>): Promise<T>;
}

/** @param totalMs milliseconds of all fetches together */
export const createFetchBudget = (totalMs: number): FetchBudget => {
  let left = totalMs;
  return {
    spend: async (file, fetch) => {
      if (left <= 0) throw new HitagiError("SOURCE_TIMEOUT", { seconds: totalMs / 1000, path: file });
      const begin = performance.now();
      try {
        return await fetch(left);
      } finally {
        left -= performance.now() - begin;
      }
    },
  };
};
