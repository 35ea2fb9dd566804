import { existsSync } from "node:fs";
import path from "node:path";

/** Where perl is, of the folders that systems put it into; not of PATH, which may hold anything. */
const folders = ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/** The path of a program, or undefined where it is not installed. */
export const findProgram = (name: string): string | undefined =>
  folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));

/**
 * The folder of the harness and the modules of LANraragi's names: beside the built program or its chunks, or in the
 * source tree.
 * @throws Error where it is not there
 */
export const harnessFolder = (): string => {
  const found = ["lib", "perl", "../perl"]
    .map((relative) => path.join(import.meta.dirname, relative))
    .find((folder) => existsSync(path.join(folder, "harness.pl")));
  if (!found) throw new Error("the harness of Perl plugins is not built");
  return found;
};
