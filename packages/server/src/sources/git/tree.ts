import { HitagiError } from "@hitagi/contract";
import { eachPart } from "../../async/each-part.ts";
import type { FileTree, TreeFile, TreeOptions } from "../types.ts";
import { refOf } from "./git-dir.ts";
import { ensureCommit, FETCH, type Git, type GitRepository } from "./repository.ts";
import { GitError } from "./run.ts";

/** Bytes of the list of a commit's files: some eighty thousand. */
const MAX_LIST = 8 * 1024 * 1024;
/** Lines of the list that are read before other work gets its turn. */
const PART = 2000;

/** A regular file of a commit; `path` is relative to the registry's folder. */
interface GitFile {
  path: string;
  blob: string;
}

/** A line of `git ls-tree -z`: links and submodules have other modes. */
const FILE = /^100\d{3} blob ([0-9a-f]{40,64})\t([\s\S]+)$/;

const listFiles = async (
  git: Git,
  commit: string,
  folder: string,
  { accepts, maxFiles }: TreeOptions,
): Promise<GitFile[]> => {
  const below = folder === "" ? [] : ["--", `${folder}/`];
  const listed = await git(["ls-tree", "-r", "-z", refOf(commit), ...below], { maxBytes: MAX_LIST });
  if (listed.length > MAX_LIST)
    throw new HitagiError("SOURCE_TOO_LARGE", { path: "The list of its files", limit: MAX_LIST });
  const lines = listed.toString("utf8").split("\0");
  if (lines.length === 1 && folder !== "") throw new HitagiError("SOURCE_FILE_MISSING", { path: folder });
  const files: GitFile[] = [];
  await eachPart(lines.length, PART, (from, to) => {
    for (const line of lines.slice(from, to)) {
      const [, blob, whole] = FILE.exec(line) ?? [];
      const path = whole?.slice(folder === "" ? 0 : folder.length + 1);
      if (blob !== undefined && path !== undefined && accepts(path)) files.push({ path, blob });
    }
  });
  if (files.length > maxFiles)
    throw new HitagiError("SOURCE_TOO_MANY_FILES", { count: files.length, limit: maxFiles });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
};

/** Fetches many blobs in one request, which git itself does one by one. @throws GitError */
const fetchBlobs = async ({ git, cached }: GitRepository, blobs: readonly string[]): Promise<void> => {
  const missing = cached.isWhole ? [] : blobs.filter((blob) => !cached.blobs.has(blob));
  if (missing.length === 0) return;
  await git(["-c", "fetch.negotiationAlgorithm=noop", ...FETCH, "--filter=blob:none", "--stdin", "origin"], {
    input: `${missing.join("\n")}\n`,
  });
  for (const blob of missing) cached.blobs.add(blob);
};

const MAX_CHECK_LINE = 128;

/** The sizes of blobs, in their order. @throws GitError */
const sizesOf = async (git: Git, blobs: readonly string[]): Promise<number[]> => {
  const printed = await git(["cat-file", "--batch-check=%(objectsize)"], {
    input: blobs.map((blob) => `${blob}\n`).join(""),
    maxBytes: blobs.length * MAX_CHECK_LINE,
  });
  const sizes = printed.toString().split("\n").slice(0, -1).map(Number);
  if (sizes.length === blobs.length && !sizes.some(Number.isNaN)) return sizes;
  throw new GitError(`cat-file answered ${printed.subarray(0, MAX_CHECK_LINE)}`);
};

/** Reads blobs of known sizes. @throws GitError */
const readBlobs = async (git: Git, blobs: readonly { blob: string; size: number }[]): Promise<Buffer[]> => {
  const maxBytes = blobs.reduce((sum, { size }) => sum + size + MAX_CHECK_LINE, 0);
  const input = blobs.map(({ blob }) => `${blob}\n`).join("");
  const printed = await git(["cat-file", "--batch"], { input, maxBytes });
  let at = 0;
  return blobs.map(({ size }) => {
    const from = printed.indexOf("\n", at) + 1;
    at = from + size + 1;
    // A copy: a part would keep the bytes of all files in memory.
    return Buffer.from(printed.subarray(from, from + size));
  });
};

const readFiles = async (
  repository: GitRepository,
  files: readonly GitFile[],
  { maxFileBytes, maxBytes }: TreeOptions,
): Promise<TreeFile[]> => {
  if (files.length === 0) return [];
  const { git } = repository;
  const sizes = await sizesOf(
    git,
    files.map(({ blob }) => blob),
  );
  const sized = files.map((file, n) => ({ ...file, size: sizes[n] ?? 0 }));
  const small = sized.filter(({ size }) => size <= maxFileBytes);
  if (small.reduce((sum, { size }) => sum + size, 0) > maxBytes)
    throw new HitagiError("SOURCE_TOO_LARGE", {
      path: "All of its files that may be plugins",
      limit: maxBytes,
    });
  const bytes = new Map((await readBlobs(git, small)).map((read, n) => [small[n]?.path, read]));
  return files.map(({ path }) => {
    const read = bytes.get(path);
    return read ? { path, bytes: read } : { path, problem: `it is larger than ${maxFileBytes} bytes` };
  });
};

const COMMITTED = /^committer .* (\d+) [+-]\d{4}$/m;
const MAX_COMMIT = 64 * 1024;

/** When a commit was made, in epoch seconds. */
const timeOf = async (git: Git, commit: string): Promise<number> => {
  const text = (await git(["cat-file", "commit", refOf(commit)], { maxBytes: MAX_COMMIT })).toString();
  return Number(COMMITTED.exec(text.split("\n\n", 1)[0] ?? "")?.[1] ?? 0);
};

/**
 * Reads the files of a folder of a commit, fetched in one request.
 * @param folder "" for the root
 * @throws GitError, HitagiError SOURCE_FILE_MISSING, SOURCE_TOO_MANY_FILES, SOURCE_TOO_LARGE
 */
export const readCommit = async (
  repository: GitRepository,
  commit: string,
  folder: string,
  options: TreeOptions,
): Promise<FileTree> => {
  await ensureCommit(repository, commit);
  const files = await listFiles(repository.git, commit, folder, options);
  await fetchBlobs(
    repository,
    files.map(({ blob }) => blob),
  );
  return {
    changed: true,
    commit,
    time: await timeOf(repository.git, commit),
    files: await readFiles(repository, files, options),
    validators: { etag: `"${commit}"` },
  };
};
