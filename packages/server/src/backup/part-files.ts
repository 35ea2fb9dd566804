import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { ifThere } from "../disk/errors.ts";
import { belongsToPart, folderOf, isKept } from "./server-folders.ts";
import type { Part, PartFile, ServerFolders } from "./types.ts";

const entriesOf = async (folder: string): Promise<Dirent[]> =>
  (await ifThere(readdir(folder, { withFileTypes: true }))) ?? [];

/** A file that is still being written, and one that was replaced, are of no use to anybody. */
const isPassing = (name: string): boolean => /\.(?:part|staged)$/.test(name);

/** Plain files below a folder; links are not followed, nor is what begins with a dot looked at. */
const walk = async function* (folder: string, relative: string): AsyncGenerator<string> {
  for (const entry of await entriesOf(path.join(folder, relative))) {
    if (entry.name.startsWith(".")) continue;
    const below = `${relative}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(folder, below);
    else if (entry.isFile() && !isPassing(entry.name)) yield below;
  }
};

/** The first level may be links: an owner moves a folder to a larger disk that way. */
const isFolder = async (place: string): Promise<boolean> =>
  (await ifThere(stat(place)))?.isDirectory() ?? false;

/** The files of a part, but for those of the store, which writes a copy of itself. */
export const partFiles = async function* (
  folders: ServerFolders,
  part: Exclude<Part, "store">,
): AsyncGenerator<PartFile> {
  const folder = folderOf(folders, part) ?? "";
  for (const { name } of await entriesOf(folder)) {
    if (!belongsToPart(folders, part, name) || isPassing(name)) continue;
    if (part === "data" && !isKept(name)) continue;
    const file = path.join(folder, name);
    if (!(await isFolder(file))) yield { part, path: name, file };
    else
      for await (const below of walk(folder, name))
        yield { part, path: below, file: path.join(folder, below) };
  }
};

/** The keys of ssh hosts that were seen: the one thing in git's cache that cannot be fetched again. */
export const knownHosts = (folders: ServerFolders): PartFile => {
  const name = "git/known_hosts";
  return { part: "data", path: name, file: path.join(folders.data, name) };
};

/** The vetted versions. */
export const artifactFiles = async function* (folders: ServerFolders): AsyncGenerator<PartFile> {
  for await (const below of walk(folders.data, "artifacts"))
    yield { part: "data", path: below, file: path.join(folders.data, below) };
};

/** All files below a folder that a backup was gathered in. */
export const snapshotFiles = async function* (folder: string, part: Part): AsyncGenerator<PartFile> {
  for await (const below of walk(folder, part))
    yield { part, path: below.slice(part.length + 1), file: path.join(folder, below) };
};
