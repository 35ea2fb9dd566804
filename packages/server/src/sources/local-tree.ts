import { createHash } from "node:crypto";
import { lstat, opendir } from "node:fs/promises";
import path from "node:path";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import { codeOf, isMissing } from "../disk/errno.ts";
import { etagOf, readLocalFile, realFolder } from "./local-file.ts";
import type { FileTree, TreeFile, TreeOptions } from "./types.ts";

/** Names in all folders together. A folder of plugins has fewer. */
const MAX_NAMES = 50_000;

interface Found {
  path: string;
  /** Changes with the file. */
  etag: string;
  /** Epoch seconds of its last change. */
  changed: number;
}

/** Finds the accepted files below a folder. Links, and folders that cannot be read, are left out. */
const findFiles = async (
  root: string,
  { accepts, enters, maxFiles, signal }: TreeOptions,
): Promise<Found[]> => {
  const found: Found[] = [];
  let names = 0;
  const tooMany = (count: number, limit: number) =>
    new HitagiError("SOURCE_TOO_MANY_FILES", { count, limit });
  const add = async (file: string): Promise<void> => {
    const stats = await lstat(path.join(root, file), { bigint: true });
    if (!stats.isFile()) return;
    found.push({ path: file, etag: etagOf(stats), changed: Number(stats.mtimeMs) / 1000 });
    if (found.length > maxFiles) throw tooMany(found.length, maxFiles);
  };
  const walk = async (folder: string): Promise<void> => {
    for await (const entry of await opendir(path.join(root, folder))) {
      signal?.throwIfAborted();
      if (++names > MAX_NAMES) throw tooMany(names, MAX_NAMES);
      const below = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const work =
        entry.isDirectory() && enters(below) ? walk : entry.isFile() && accepts(below) ? add : undefined;
      await work?.(below).catch((error: unknown) => {
        // It has just been removed, or belongs to another user.
        if (!isMissing(error) && codeOf(error) !== "EACCES") throw error;
      });
    }
  };
  await walk("");
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
};

const readFiles = async (
  root: string,
  found: readonly Found[],
  { maxFileBytes, maxBytes }: TreeOptions,
): Promise<TreeFile[]> => {
  const files: TreeFile[] = [];
  let left = maxBytes;
  for (const { path: file } of found) {
    try {
      const fetched = await readLocalFile(root, file, { maxBytes: maxFileBytes });
      if (!fetched.changed) continue;
      files.push({ path: file, bytes: fetched.bytes });
      left -= fetched.bytes.length;
    } catch (error) {
      if (!isHitagiError(error)) throw error;
      files.push({ path: file, problem: error.message });
    }
    if (left < 0)
      throw new HitagiError("SOURCE_TOO_LARGE", {
        path: "All of its files that may be plugins",
        limit: maxBytes,
      });
  }
  return files;
};

/**
 * Reads the files of a folder on this machine. Its revision is the names and the changes of all of them.
 * @throws HitagiError SOURCE_UNREACHABLE, SOURCE_TOO_MANY_FILES, SOURCE_TOO_LARGE
 */
export const readLocalTree = async (
  folder: string,
  options: TreeOptions,
): Promise<FileTree | { changed: false }> => {
  const root = await realFolder(folder);
  const found = await findFiles(root, options);
  const revision = createHash("sha256");
  for (const { path: file, etag } of found) revision.update(`${file}\0${etag}\n`);
  const etag = `"${revision.digest("hex")}"`;
  if (options.validators?.etag === etag) return { changed: false };
  return {
    changed: true,
    commit: undefined,
    time: Math.max(0, ...found.map(({ changed }) => Math.floor(changed))),
    files: await readFiles(root, found, options),
    validators: { etag },
  };
};
