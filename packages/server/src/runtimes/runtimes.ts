import type { Runtime } from "./types.ts";

/**
 * The runtime that takes a file, by its extension; undefined where there is none.
 * @param filename with or without folders; the case of the extension does not matter
 */
export const runtimeFor = (runtimes: readonly Runtime[], filename: string): Runtime | undefined => {
  const name = filename.toLowerCase();
  return runtimes.find((runtime) => runtime.extensions.some((extension) => name.endsWith(extension)));
};
