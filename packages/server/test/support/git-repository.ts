import { execFile } from "node:child_process";
import { appendFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const IDENTITY = {
  GIT_AUTHOR_NAME: "keeper",
  GIT_AUTHOR_EMAIL: "keeper@example.org",
  GIT_COMMITTER_NAME: "keeper",
  GIT_COMMITTER_EMAIL: "keeper@example.org",
};

/** The environment of a git that knows nothing of this machine's configuration. */
export const gitEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  ...IDENTITY,
});

/** A real bare repository. */
export interface Repository {
  place: string;
  /** Runs git in it and answers what it printed. */
  git(...args: string[]): Promise<string>;
  /** Commits a folder's files to a branch, if they differ from what it has. */
  publish(folder: string, branch?: string): Promise<void>;
  /** A file of a commit; undefined where the commit or the file is not there. */
  fileAt(commit: string, file: string): Promise<Buffer | undefined>;
}

/** Makes a bare repository whose default branch is `main`. */
export const makeRepository = async (place: string): Promise<Repository> => {
  await mkdir(place, { recursive: true });
  const git = async (...args: string[]): Promise<string> =>
    (await run("git", ["--git-dir", place, ...args], { env: gitEnvironment() })).stdout.trim();
  await git("init", "--quiet", "--bare", "--template=", "--initial-branch=main");
  await appendFile(path.join(place, "config"), "[uploadpack]\n\tallowFilter = true\n");
  const publish = async (folder: string, branch = "main"): Promise<void> => {
    const inFolder = (...args: string[]) => git("--work-tree", folder, ...args);
    await inFolder("add", "--all", "--force", ".");
    const tree = await git("write-tree");
    const published = await git("log", "-1", "--format=%H %T", `refs/heads/${branch}`, "--").catch(() => "");
    const [head = "", its] = published.split(" ");
    if (its === tree) return;
    const commit = await git("commit-tree", tree, "-m", "Publish", ...(head === "" ? [] : ["-p", head]));
    await git("update-ref", `refs/heads/${branch}`, commit);
  };
  const fileAt = async (commit: string, file: string): Promise<Buffer | undefined> => {
    const args = ["--git-dir", place, "cat-file", "blob", `${commit}:${file}`];
    const read = run("git", args, { env: gitEnvironment(), encoding: "buffer" });
    return read.then(
      ({ stdout }) => stdout,
      () => undefined,
    );
  };
  return { place, git, publish, fileAt };
};
