import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { KeeperError } from "../keeper-error.ts";

const exec = promisify(execFile);

/** What git says of a failure, on one line. */
const saidBy = (error: unknown): string => {
  const { stderr } = error as { stderr?: unknown };
  const lines = typeof stderr === "string" ? stderr.trim().split("\n") : [];
  return lines.find((line) => /^(?:fatal|error| !)/.test(line))?.trim() ?? lines[0] ?? "git could not be run";
};

/** What git says where the remote did not answer. */
const UNREACHED = /unable to access|could not read from remote|could not resolve|connection/i;

/** What to do about a failed push, by what git says. */
const pushHint = (said: string): string => {
  if (UNREACHED.test(said))
    return "The commit is made, and only the push is missing: check the network and `git remote -v`, then publish again.";
  if (/no configured push destination/i.test(said))
    return "The commit is made. Say where it is pushed to with `git remote add origin ADDRESS` and `git push --set-upstream origin HEAD`.";
  if (/no upstream branch/i.test(said))
    return "The commit is made. Push it the first time with `git push --set-upstream origin HEAD`, or the name of another remote.";
  return "If others pushed before, `git pull --rebase` and publish again.";
};

/** @param hint what to do, or how that follows from what git says */
const run = async (
  folder: string,
  args: readonly string[],
  hint: string | ((said: string) => string),
): Promise<string> => {
  try {
    const env = { ...process.env, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
    return (await exec("git", ["-C", folder, ...args], { env, maxBuffer: 16 * 1024 * 1024 })).stdout;
  } catch (error) {
    const said = saidBy(error);
    throw new KeeperError(
      `git ${args[0]} failed: ${said.replace(/\.$/, "")}.`,
      typeof hint === "string" ? hint : hint(said),
    );
  }
};

/**
 * Commits a registry's folder, and pushes its branch. All files arrive together. A push that failed is done again the next time.
 * @returns the commit
 * @throws KeeperError with what git says
 */
export const publishByGit = async (folder: string, message: string): Promise<string> => {
  const repository =
    "Publish from a git repository with a branch that has an upstream, or to a folder with --to.";
  await run(folder, ["rev-parse", "--is-inside-work-tree"], repository);
  await run(folder, ["add", "--all", "--", "."], "Look at `git status`.");
  const staged = await run(folder, ["diff", "--cached", "--name-only", "--", "."], "Look at `git status`.");
  if (staged.trim() !== "")
    await run(
      folder,
      ["commit", "--quiet", "--message", message, "--", "."],
      "git needs a name: `git config user.name` and `user.email`.",
    );
  await run(folder, ["push"], pushHint);
  return (await run(folder, ["rev-parse", "HEAD"], repository)).trim();
};

/** Where owners could read what was pushed: a branch of a repository, and the registry's folder in it. */
export interface PushedPlace {
  address: string;
  ref: string;
  /** Absent for the root. */
  folder?: string;
}

/**
 * An address of a remote that a program can read without the keys of its owner: `git@host:path` is at https too, on forges.
 * Over plain http no server reads a repository.
 */
const readableAddress = (remote: string): string | undefined => {
  if (/^https:\/\//i.test(remote)) return remote.replace(/^(https:\/\/)[^/]*@/i, "$1");
  const [, host, place] = /^(?:ssh:\/\/)?git@([^:/]+)[:/](?!\d+\/)(.+)$/.exec(remote) ?? [];
  return host === undefined ? undefined : `https://${host}/${place}`;
};

/** Where owners could read what a folder is pushed to; undefined if it is no place that the web shows. @throws KeeperError */
export const placeOfPushed = async (folder: string): Promise<PushedPlace | undefined> => {
  const ask = async (...args: string[]) => (await run(folder, args, "Look at `git remote -v`.")).trim();
  const branch = await ask("rev-parse", "--abbrev-ref", "HEAD");
  const setting = (name: string, usual: string) =>
    ask("config", "--get", `branch.${branch}.${name}`).catch(() => usual);
  const remote = await setting("remote", "origin");
  const address = readableAddress(await ask("remote", "get-url", "--push", remote));
  if (address === undefined) return undefined;
  const ref = (await setting("merge", branch)).replace(/^refs\/heads\//, "");
  const below = (await ask("rev-parse", "--show-prefix")).replace(/\/$/, "");
  return { address, ref, ...(below !== "" && { folder: below }) };
};
