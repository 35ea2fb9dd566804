import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { ifThere } from "../disk/errors.ts";
import { belongsToPart, isBackedUp, pathIn } from "./server-folders.ts";
import type { Part, PartFile, ServerFolders } from "./types.ts";

const entriesOf = async (folder: string): Promise<Dirent[]> =>
  (await ifThere(readdir(folder, { withFileTypes: true }))) ?? [];

/** Whether a file is still being written. */
const isUnfinished = (name: string): boolean => /\.(?:part|staged)$/.test(name);

/** Regular files below a folder, relative to the root. Skips links and hidden names. */
const walk = async function* (root: string, relative: string): AsyncGenerator<string> {
  for (const entry of await entriesOf(path.join(root, relative))) {
    if (entry.name.startsWith(".")) continue;
    const below = `${relative}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, below);
    else if (entry.isFile() && !isUnfinished(entry.name)) yield below;
  }
};

/** The files of a part. The store is not among them: it writes a copy of itself. */
export const partFiles = async function* (
  folders: ServerFolders,
  part: Exclude<Part, "store">,
): AsyncGenerator<PartFile> {
  const folder = pathIn(folders, part);
  for (const { name } of await entriesOf(folder)) {
    if (!belongsToPart(folders, part, name) || isUnfinished(name)) continue;
    if (part === "data" && !isBackedUp(name)) continue;
    const file = path.join(folder, name);
    // Follows links: an owner may link a folder of the first level to a larger disk.
    if (!(await ifThere(stat(file)))?.isDirectory()) yield { part, path: name, file };
    else
      for await (const below of walk(folder, name))
        yield { part, path: below, file: path.join(folder, below) };
  }
};

/** The known ssh hosts: the only file of git's cache that cannot be fetched again. */
export const knownHosts = (folders: ServerFolders): PartFile => {
  const name = "git/known_hosts";
  return { part: "data", path: name, file: path.join(folders.data, name) };
};

/** The artifacts of the data folder. */
export const artifactFiles = async function* ({ data }: ServerFolders): AsyncGenerator<PartFile> {
  for await (const below of walk(data, "artifacts"))
    yield { part: "data", path: below, file: path.join(data, below) };
};

/** The files of a part in a snapshot's folder. */
export const snapshotFiles = async function* (folder: string, part: Part): AsyncGenerator<PartFile> {
  for await (const below of walk(folder, part))
    yield { part, path: below.slice(part.length + 1), file: path.join(folder, below) };
};
