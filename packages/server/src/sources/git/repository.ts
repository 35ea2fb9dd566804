import { HitagiError } from "@hitagi/contract";
import { DEFAULT_REF, isCommit } from "../repository-fields.ts";
import { type CachedRepository, noteFetched, refOf } from "./git-dir.ts";
import { GitError } from "./run.ts";

/** Runs git in one cached repository, with an input and a limit of the output. @returns the output */
export type Git = (
  args: readonly string[],
  options?: { input?: string; maxBytes?: number },
) => Promise<Buffer>;

/** A cached repository, and git in it. */
export interface GitRepository {
  git: Git;
  gitDir: string;
  cached: CachedRepository;
}

const SMALL = 64 * 1024;
const MAX_REFS = 8 * 1024 * 1024;

/** The full names of a ref in the order of the lookup: a branch before a tag, as on forges. */
const namesOf = (ref: string): string[] =>
  ref === DEFAULT_REF
    ? [DEFAULT_REF]
    : [
        `refs/heads/${ref}`,
        `refs/tags/${ref}^{}`,
        `refs/tags/${ref}`,
        ref.startsWith("refs/") ? ref : "",
      ].filter(Boolean);

/** The current commit of a ref; checks the credential too. @throws GitError, HitagiError SOURCE_REF_MISSING */
export const resolveRef = async (git: Git, url: string, ref: string): Promise<string> => {
  const names = namesOf(isCommit(ref) ? DEFAULT_REF : ref);
  const listed = await git(["ls-remote", "--quiet", "--", url, ...names], { maxBytes: MAX_REFS });
  if (isCommit(ref)) return ref;
  const lines = listed
    .toString()
    .split("\n")
    .map((line) => line.split("\t"));
  const found = names.flatMap((name) => lines.find(([, listedName]) => listedName === name)?.[0] ?? [])[0];
  if (found === undefined || !isCommit(found)) throw new HitagiError("SOURCE_REF_MISSING", { ref });
  return found;
};

/** The blob of a path that is a file, and no link or submodule. @throws GitError where the commit is not fetched */
const findBlob = async (git: Git, commit: string, file: string): Promise<string | undefined> => {
  const listed = await git(["ls-tree", "-z", refOf(commit), "--", file], { maxBytes: SMALL });
  return /^100\d{3} blob ([0-9a-f]{40,64})\t/.exec(listed.toString())?.[1];
};

/** The command of every fetch: nothing comes but what it names. */
export const FETCH: readonly string[] = [
  "fetch",
  "--quiet",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
  "--refmap=",
];

/** Fetches a commit with its trees and without its history; without files where the host allows it. @throws GitError */
const fetchCommit = async ({ git, gitDir, cached }: GitRepository, commit: string): Promise<void> => {
  const filter = cached.isWhole ? "--no-filter" : "--filter=blob:none";
  await git([...FETCH, "--depth=1", filter, "origin", `+${commit}:${refOf(commit)}`]);
  await noteFetched(gitDir, cached, commit);
};

/** Fetches a commit unless it was fetched before. @throws GitError */
export const ensureCommit = async (repository: GitRepository, commit: string): Promise<void> => {
  if (!repository.cached.commits.has(commit)) await fetchCommit(repository, commit);
};

/** The blob of a path; fetches the commit where it is missing. @throws GitError */
export const fetchBlob = async (
  repository: GitRepository,
  commit: string,
  file: string,
): Promise<string | undefined> => {
  await ensureCommit(repository, commit);
  return findBlob(repository.git, commit, file);
};

/** Whether a host refused to serve a single file. Git's older protocol, which plain sshd speaks, cannot. */
export const isNotSingle = (error: unknown): boolean =>
  error instanceof GitError && /unadvertised object|not our ref/.test(error.stderr);

const HEAD_BYTES = 128;

/** Reads a blob; git fetches a missing one by itself. @throws GitError, HitagiError SOURCE_TOO_LARGE */
export const readBlob = async (git: Git, blob: string, file: string, maxBytes: number): Promise<Buffer> => {
  const printed = await git(["cat-file", "--batch"], {
    input: `${blob}\n`,
    maxBytes: maxBytes + HEAD_BYTES,
  });
  const end = printed.indexOf("\n");
  const size = Number(/^\S+ blob (\d+)$/.exec(printed.subarray(0, end).toString())?.[1]);
  if (Number.isNaN(size)) throw new GitError(`cat-file answered ${printed.subarray(0, HEAD_BYTES)}`);
  if (size > maxBytes) throw new HitagiError("SOURCE_TOO_LARGE", { path: file, limit: maxBytes });
  return printed.subarray(end + 1, end + 1 + size);
};
