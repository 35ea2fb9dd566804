import { HitagiError, isHitagiError } from "@hitagi/contract";

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
      const timeout = () => new HitagiError("SOURCE_TIMEOUT", { seconds: totalMs / 1000, path: file });
      if (left <= 0) throw timeout();
      const begin = performance.now();
      try {
        return await fetch(left);
      } catch (error) {
        // The source names the time that was left.
        throw isHitagiError(error, "SOURCE_TIMEOUT") ? timeout() : error;
      } finally {
        left -= performance.now() - begin;
      }
    },
  };
};
