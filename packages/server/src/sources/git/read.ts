import { HitagiError } from "@hitagi/contract";
import type { Fetched, FetchOptions, FileTree, TreeOptions } from "../types.ts";
import { fetchBlob, type GitRepository, isNotSingle, readBlob } from "./repository.ts";
import { readCommit } from "./tree.ts";

/**
 * What a read does in the repository, at the commit of its ref.
 * @param makeWhole empties a repository whose host does not serve single files, and fetches all files of the commit
 */
export type Work<T> = (
  repository: GitRepository,
  commit: string,
  makeWhole: () => Promise<void>,
) => Promise<T>;

/** Works again with all files where the host does not serve single ones. */
const unlessNotSingle = async <T>(work: () => Promise<T>, makeWhole: () => Promise<void>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!isNotSingle(error)) throw error;
    await makeWhole();
    return work();
  }
};

/** Reads one file. @param place from the root of the repository */
export const readFile =
  (place: string, file: string, { validators, maxBytes }: FetchOptions): Work<Fetched> =>
  async (repository, commit, makeWhole) => {
    const blob = await fetchBlob(repository, commit, place);
    if (blob === undefined) throw new HitagiError("SOURCE_FILE_MISSING", { path: file });
    const etag = `"${blob}"`;
    if (validators?.etag === etag) return { changed: false };
    const bytes = await unlessNotSingle(() => readBlob(repository.git, blob, file, maxBytes), makeWhole);
    return { changed: true, bytes, validators: { etag } };
  };

/** Reads the files of a folder. @param folder from the root of the repository, "" for the root */
export const readTree =
  (folder: string, options: TreeOptions): Work<FileTree | { changed: false }> =>
  async (repository, commit, makeWhole) => {
    if (options.validators?.etag === `"${commit}"`) return { changed: false };
    return unlessNotSingle(() => readCommit(repository, commit, folder, options), makeWhole);
  };
