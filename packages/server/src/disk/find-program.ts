import { existsSync } from "node:fs";
import path from "node:path";

/** The usual folders of programs. PATH is not searched: it may hold anything. */
const folders = ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/** The path of a program; undefined if it is not installed. */
export const findProgram = (name: string): string | undefined =>
  folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));

/** Where the built files are: beside the program, or above its chunks; for sources, in the package's dist. */
const builtFolders = [".", "..", "../../dist"].map((folder) => path.join(import.meta.dirname, folder));

/** A file that the build may make beside the program; undefined where it did not. @param name its path in the folder of the program */
export const builtFile = (name: string): string | undefined =>
  builtFolders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));

/**
 * A file that the build makes beside the program.
 * @param name its path in the folder of the program
 * @throws Error with the reason, which names no path: clients may see it
 */
export const findBuilt = (name: string, reason = `${name} is not built`): string => {
  const found = builtFile(name);
  if (found === undefined) throw new Error(reason);
  return found;
};
