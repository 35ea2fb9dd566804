import type { Runtime } from "./types.ts";

/** The runtime for the extension of a file, in any case; undefined if there is none. */
export const runtimeFor = (runtimes: readonly Runtime[], filename: string): Runtime | undefined => {
  const name = filename.toLowerCase();
  return runtimes.find((runtime) => runtime.extensions.some((extension) => name.endsWith(extension)));
};
