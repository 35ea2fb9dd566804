import type { Runtime } from "./types.ts";

/**
 * The runtime for a file's extension, in any case; undefined if there is none.
 * @param filename with or without folders
 */
export const runtimeFor = (runtimes: readonly Runtime[], filename: string): Runtime | undefined => {
  const name = filename.toLowerCase();
  return runtimes.find((runtime) => runtime.extensions.some((extension) => name.endsWith(extension)));
};
