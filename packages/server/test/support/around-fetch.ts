import type { Sources } from "../../src/sources/sources.ts";

type Fetch = ReturnType<Sources["get"]>["fetch"];

/** Sources whose fetches pass through another function. @param around what a fetch becomes */
export const aroundFetch =
  (around: (fetch: Fetch) => Fetch) =>
  (sources: Sources): Sources => ({
    ...sources,
    get: (provider) => {
      const source = sources.get(provider);
      return { ...source, fetch: around((...asked) => source.fetch(...asked)) };
    },
  });
