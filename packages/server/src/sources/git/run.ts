import { spawn } from "node:child_process";
import { HitagiError } from "@hitagi/contract";
import { codeOf } from "../../disk/errno.ts";

/** One run of git. */
export interface GitRun {
  args: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** Written to its input. */
  input?: string;
  /** It is ended after printing more than this. */
  maxBytes: number;
  /** It is ended when this aborts; the reason is thrown. */
  signal: AbortSignal;
}

/** git ended with a failure. What it wrote is for finding out why, and may hold anything. */
export class GitFailed extends Error {
  readonly written: string;
  constructor(written: string) {
    super("git failed");
    this.written = written;
  }
}

const MAX_STDERR = 16 * 1024;

/** Ends git with the processes that it started. */
const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It ended by itself in this moment.
    if (codeOf(error) !== "ESRCH") throw error;
  }
};

const startFault = (cause: NodeJS.ErrnoException): unknown =>
  cause.code === "ENOENT" || cause.code === "EACCES" ? new HitagiError("GIT_MISSING", {}, { cause }) : cause;

/**
 * Runs git in a process group of its own.
 * @returns what it printed; cut where that is more than `maxBytes`
 * @throws GitFailed, HitagiError GIT_MISSING, or the signal's reason
 */
export const runGit = (binary: string, run: GitRun): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    run.signal.throwIfAborted();
    const { cwd, env } = run;
    const child = spawn(binary, run.args, { cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    const end = () => endGroup(child.pid);
    run.signal.addEventListener("abort", end, { once: true });
    const printed: Buffer[] = [];
    let bytes = 0;
    let written = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (bytes > run.maxBytes) return;
      printed.push(chunk);
      bytes += chunk.length;
      if (bytes > run.maxBytes) end();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (written.length < MAX_STDERR) written += chunk.toString();
    });
    // git may have ended without reading it; its exit says why.
    child.stdin.on("error", () => {}).end(run.input ?? "");
    child.on("error", (error) => reject(startFault(error)));
    child.on("close", (code) => {
      run.signal.removeEventListener("abort", end);
      if (run.signal.aborted) reject(run.signal.reason);
      else if (code === 0 || bytes > run.maxBytes) resolve(Buffer.concat(printed));
      else reject(new GitFailed(written));
    });
  });
