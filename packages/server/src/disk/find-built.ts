import { existsSync } from "node:fs";
import path from "node:path";

/** The first place with a built file. @throws Error with the reason, which names no path: clients may see it */
export const findBuilt = (folder: string, places: readonly string[], reason: string): string => {
  const found = places.map((place) => path.join(folder, place)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(reason);
  return found;
};
