import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { unlessMissing } from "../../disk/errno.ts";
import { makeFolder } from "../../disk/folders.ts";

/** A repository in the cache. Only its objects are on disk between two reads. */
export interface CachedRepository {
  /** The folder with git's objects. */
  objects: string;
  /** What was fetched: commits, and tags of commits. */
  commits: Set<string>;
  /** The files that were fetched many at once. */
  blobs: Set<string>;
  /** Git's file `shallow`, which lists the commits without their parents. */
  shallow: string;
  /** Whether all files are fetched, because the host does not serve single ones. */
  isWhole: boolean;
}

export const refOf = (commit: string): string => `refs/hitagi/${commit}`;

/** A partial clone fetches a file when it is read (gitformat "partial-clone"). */
const PARTIAL = `[extensions]
	partialClone = origin
[remote "origin"]
	promisor = true
	partialCloneFilter = blob:none
`;

const configOf = (isWhole: boolean): string =>
  `[core]\n\trepositoryFormatVersion = 1\n\tbare = true\n${isWhole ? "" : PARTIAL}`;

const packedRefsOf = (commits: ReadonlySet<string>): string =>
  [...commits].map((commit) => `${commit} ${refOf(commit)}\n`).join("");

/**
 * Makes the folder that git works in (GIT_DIR, gitrepository-layout(5)), out of what this process knows. Git runs commands
 * that files in it name, such as `config`, `commondir` and `hooks`, so each read has a new one.
 * @param folder if it exists, only what tells of the repository is written again
 */
export const makeGitDir = async (
  folder: string,
  { commits, shallow, isWhole }: CachedRepository,
): Promise<void> => {
  const refs = path.join(folder, "refs");
  await rm(refs, { recursive: true, force: true });
  await makeFolder(refs, 0o700);
  const files = {
    HEAD: "ref: refs/heads/none\n",
    config: configOf(isWhole),
    "packed-refs": packedRefsOf(commits),
    shallow,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
};

/** Remembers a commit that git has fetched. */
export const noteFetched = async (
  folder: string,
  repository: CachedRepository,
  commit: string,
): Promise<void> => {
  repository.shallow = (await unlessMissing(readFile(path.join(folder, "shallow"), "utf8"))) ?? "";
  repository.commits.add(commit);
};
