import { HitagiError } from "@hitagi/contract";
import { startChild } from "../../async/child-process.ts";
import { codeOf } from "../../disk/errno.ts";
import { findProgram } from "../../disk/find-program.ts";

export interface GitRun {
  args: readonly string[];
  cwd: string;
  env: Record<string, string>;
  input?: string;
  /** It is killed after more output than this. */
  maxBytes: number;
  /** It is killed when this aborts; the reason is thrown. */
  signal: AbortSignal;
}

/** A failed run of git. Its output tells why, and may contain anything. */
export class GitError extends Error {
  readonly stderr: string;
  constructor(stderr: string) {
    super("git failed");
    this.stderr = stderr;
  }
}

const MAX_STDERR = 16 * 1024;

/** Kills git and the processes that it started. */
const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has just ended by itself.
    if (codeOf(error) !== "ESRCH") throw error;
  }
};

/** The hard limits of git and of each process that it starts. */
export interface GitLimits {
  memoryBytes: number;
  /** Bytes of a file that it writes. */
  fileBytes: number;
}

/**
 * The command line before git's arguments. git holds a whole commit, tree or tag in memory, and a small pack can hold a
 * huge one. Therefore prlimit of util-linux limits git's memory, if it is installed.
 */
export const gitCommand = (binary: string, { memoryBytes, fileBytes }: GitLimits): string[] => {
  const prlimit = process.platform === "linux" ? findProgram("prlimit") : undefined;
  return prlimit
    ? [prlimit, `--data=${memoryBytes}`, `--fsize=${fileBytes}`, "--core=0", "--", binary]
    : [binary];
};

const startError = (cause: NodeJS.ErrnoException): unknown =>
  cause.code === "ENOENT" || cause.code === "EACCES" ? new HitagiError("GIT_MISSING", {}, { cause }) : cause;

/** Runs a command of gitCommand. @returns its output, cut after `maxBytes` @throws GitError, HitagiError GIT_MISSING, the signal's reason */
export const runGit = ([program = "", ...before]: readonly string[], run: GitRun): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    run.signal.throwIfAborted();
    const { cwd, env } = run;
    const child = startChild(program, [...before, ...run.args], { cwd, env, detached: true });
    const kill = () => killGroup(child.pid);
    run.signal.addEventListener("abort", kill, { once: true });
    const output: Buffer[] = [];
    let bytes = 0;
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (bytes > run.maxBytes) return;
      output.push(chunk);
      bytes += chunk.length;
      if (bytes > run.maxBytes) kill();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr.length < MAX_STDERR) stderr += chunk.toString();
    });
    // git may end without reading its input; the exit code tells why.
    child.stdin.end(run.input ?? "");
    child.on("error", (error) => reject(startError(error)));
    child.on("close", (code) => {
      run.signal.removeEventListener("abort", kill);
      if (run.signal.aborted) reject(run.signal.reason);
      else if (code === 0 || bytes > run.maxBytes) resolve(Buffer.concat(output));
      else if (stderr.startsWith("prlimit: failed to execute")) reject(new HitagiError("GIT_MISSING"));
      else reject(new GitError(stderr));
    });
  });
