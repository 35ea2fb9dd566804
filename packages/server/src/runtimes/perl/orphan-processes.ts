import { readdir, readFile } from "node:fs/promises";

/** Looks in a row, for what those that were found have started meanwhile. */
const ROUNDS = 5;

/** What a process was started with; empty for another user's and for one that is gone. */
const textOf = (pid: string, what: "environ" | "cmdline"): Promise<string> =>
  readFile(`/proc/${pid}/${what}`, "utf8").catch(() => "");

const processesWith = async (
  what: "environ" | "cmdline",
  fits: (values: string[]) => boolean,
): Promise<number[]> => {
  const pids = (await readdir("/proc").catch((): string[] => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => (fits((await textOf(pid, what)).split("\0")) ? [Number(pid)] : [])),
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
    const found = await processesWith("environ", (values) => values.includes(mark));
    if (found.length === 0) return;
    found.forEach(end);
  }
};

/**
 * Ends every process whose command line names something in a folder. Bubblewrap whose server was killed while it made its
 * namespaces waits for ever: it ties its life to the server's only after that.
 */
export const endUsing = async (folder: string): Promise<void> => {
  const found = await processesWith("cmdline", (values) => values.some((v) => v.startsWith(`${folder}/`)));
  found.forEach(end);
};
