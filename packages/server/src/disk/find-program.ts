import { existsSync } from "node:fs";
import path from "node:path";

/** The usual folders of programs. PATH is not searched: it may hold anything. */
const folders = ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/** The path of a program; undefined if it is not installed. */
export const findProgram = (name: string): string | undefined =>
  folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));

/** The first place with a built file. @throws Error with the reason, which names no path: clients may see it */
export const findBuilt = (folder: string, places: readonly string[], reason: string): string => {
  const found = places.map((place) => path.join(folder, place)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(reason);
  return found;
};
