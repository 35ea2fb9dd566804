import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { isNameWithoutPath } from "../disk/errno.ts";
import { ifThere } from "../disk/errors.ts";
import { maxBytesOf } from "./contents.ts";
import { belongsToPart, pathIn } from "./server-folders.ts";
import type { LeftOut, Part, PartFile, ServerFolders } from "./types.ts";

const entriesOf = async (folder: string): Promise<Dirent[]> =>
  (await ifThere(readdir(folder, { withFileTypes: true }))) ?? [];

/** What a backup has of the data folder, without {@link knownHosts}. The rest is not even walked: caches are large. */
const DATA = new Set(["api-key", "artifacts"]);

/** Whether a file is still being written. */
const isUnfinished = (name: string): boolean => /\.(?:part|staged)$/.test(name);

/** Why a backup cannot have what a folder lists; undefined if it can. */
const whyLeftOut = async (entry: Dirent, file: string): Promise<string | undefined> => {
  if (entry.isSymbolicLink()) return "it is a link";
  return (await isNameWithoutPath(entry.name, file)) ? "its name is not UTF-8" : undefined;
};

type OnLeftOut = (path: string, reason: string) => void;

/** Regular files below a folder, relative to the root. Skips links, names that are not UTF-8, and hidden ones. */
const walk = async function* (
  root: string,
  relative: string,
  onLeftOut: OnLeftOut = () => {},
): AsyncGenerator<string> {
  for (const entry of await entriesOf(path.join(root, relative))) {
    if (entry.name.startsWith(".")) continue;
    const below = `${relative}/${entry.name}`;
    const reason = await whyLeftOut(entry, path.join(root, below));
    if (reason !== undefined) onLeftOut(below, reason);
    else if (entry.isDirectory()) yield* walk(root, below, onLeftOut);
    else if (entry.isFile() && !isUnfinished(entry.name)) yield below;
  }
};

/**
 * What an entry of the first level is. An owner may link a folder of plugins or data to a larger disk, so that a link to a folder counts
 * as one. Links of the library are left out before.
 */
const kindOf = async (entry: Dirent, file: string): Promise<"file" | "folder" | undefined> => {
  const isFolder = entry.isSymbolicLink() ? (await ifThere(stat(file)))?.isDirectory() : entry.isDirectory();
  if (isFolder) return "folder";
  return entry.isFile() ? "file" : undefined;
};

/**
 * The files of a part. The store is not among them: it writes a copy of itself.
 * @param onLeftOut called with what of the library no backup can have
 */
export const partFiles = async function* (
  folders: ServerFolders,
  part: Exclude<Part, "store">,
  onLeftOut: (left: LeftOut) => void = () => {},
): AsyncGenerator<PartFile> {
  const leave: OnLeftOut = (path, reason) => onLeftOut({ path: `${part}/${path}`, reason });
  const folder = pathIn(folders, part);
  for (const entry of await entriesOf(folder)) {
    const { name } = entry;
    if (!belongsToPart(folders, part, name) || isUnfinished(name)) continue;
    if (part === "data" && !DATA.has(name)) continue;
    const file = path.join(folder, name);
    const reason = part === "library" ? await whyLeftOut(entry, file) : undefined;
    if (reason !== undefined) {
      leave(name, reason);
      continue;
    }
    const kind = await kindOf(entry, file);
    const paths = kind === "folder" ? walk(folder, name, leave) : kind === "file" ? [name] : [];
    for await (const path of paths) if (maxBytesOf(`${part}/${path}`)) yield { part, path, folder };
  }
};

/** The known ssh hosts: the only file of git's cache that cannot be fetched again. */
export const knownHosts = (folders: ServerFolders): PartFile => {
  return { part: "data", path: "git/known_hosts", folder: folders.data };
};

/** The artifacts of the data folder. */
export const artifactFiles = async function* ({ data }: ServerFolders): AsyncGenerator<PartFile> {
  for await (const below of walk(data, "artifacts")) yield { part: "data", path: below, folder: data };
};

/** The files of a part in a snapshot's folder. */
export const snapshotFiles = async function* (folder: string, part: Part): AsyncGenerator<PartFile> {
  for await (const below of walk(folder, part))
    yield { part, path: below.slice(part.length + 1), folder: path.join(folder, part) };
};
