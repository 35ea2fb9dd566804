import { readdir, readFile } from "node:fs/promises";

/** Searches in a row, because the processes found may have started others meanwhile. */
const ROUNDS = 5;

type ProcFile = "environ" | "cmdline";

/** The values in one of a process's files; none for another user's process and for one that has exited. */
const readProc = async (pid: string, file: ProcFile): Promise<string[]> =>
  (await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")).split("\0");

const processesWith = async (file: ProcFile, fits: (value: string) => boolean): Promise<number[]> => {
  const pids = (await readdir("/proc").catch((): string[] => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => ((await readProc(pid, file)).some(fits) ? [Number(pid)] : [])),
  );
  return found.flat();
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has exited.
  }
};

/**
 * Kills every process that was started with this variable (`NAME=value`), in any session. It misses processes with
 * another environment, or that overwrote it (perl does when `$0` is set), and all on systems without /proc.
 */
export const killByEnvironment = async (variable: string): Promise<void> => {
  for (let round = 0; round < ROUNDS; round++) {
    const found = await processesWith("environ", (value) => value === variable);
    if (found.length === 0) return;
    found.forEach(kill);
  }
};

/**
 * Kills every process whose command line names a path in a folder. If a server is killed while bubblewrap makes its
 * namespaces, bubblewrap waits forever: it ties its life to its parent's only after that.
 */
export const killUsingFolder = async (folder: string): Promise<void> => {
  const found = await processesWith("cmdline", (value) => value.startsWith(`${folder}/`));
  found.forEach(kill);
};
