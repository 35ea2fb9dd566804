import { readdir } from "node:fs/promises";
import path from "node:path";
import { readBeginning } from "../disk/regular-files.ts";
import { KEY_FILES } from "./key-file.ts";

/** Folders that are not published with a registry. */
const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules"]);

const isKeyFile = async (file: string): Promise<boolean> => {
  const longest = Math.max(...KEY_FILES.map(({ length }) => length));
  const beginning = (await readBeginning(file, longest)).toString("latin1");
  return KEY_FILES.some((mark) => beginning.startsWith(mark));
};

/** The first file of a secret key in a folder that is published, by its path in it. */
export const findKeyIn = async (folder: string, below = ""): Promise<string | undefined> => {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true });
  for (const entry of entries) {
    const file = path.join(below, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) {
      const found = await findKeyIn(folder, file);
      if (found !== undefined) return found;
    } else if (entry.isFile() && (await isKeyFile(path.join(folder, file)))) return file;
  }
  return undefined;
};
