import { existsSync } from "node:fs";
import path from "node:path";

/** The usual folders of programs. PATH is not searched: it may hold anything. */
const folders = ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/** The path of a program; undefined if it is not installed. */
export const findProgram = (name: string): string | undefined =>
  folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
