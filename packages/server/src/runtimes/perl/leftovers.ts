import { readdir, readFile } from "node:fs/promises";

/** Looks in a row, for what those that were found have started meanwhile. */
const ROUNDS = 5;

/** The environment that a process was started with; empty for another user's and for one that is gone. */
const environmentOf = (pid: string): Promise<string> =>
  readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");

const marked = async (mark: string): Promise<number[]> => {
  const pids = (await readdir("/proc").catch((): string[] => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => ((await environmentOf(pid)).split("\0").includes(mark) ? [Number(pid)] : [])),
  );
  return found.flat();
};

const end = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
};

/**
 * Ends every process that was started with this text in its environment (`NAME=value`), in whatever session it is. Where
 * the system does not tell environments, and for a process that was started with another one or wrote over it (as perl
 * does where `$0` is set), nothing happens.
 */
export const endMarked = async (mark: string): Promise<void> => {
  for (let round = 0; round < ROUNDS; round++) {
    const found = await marked(mark);
    if (found.length === 0) return;
    found.forEach(end);
  }
};
