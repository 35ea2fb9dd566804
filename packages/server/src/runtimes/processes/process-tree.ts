import { readdirSync, readFileSync } from "node:fs";

/** Processes of a tree that are looked for: a tree of more is over every limit. */
const MAX_FOUND = 512;

/** Reads a file of /proc, which is in memory, so that the read may be synchronous; empty if the process has exited. */
export const readProc = (file: string): string => {
  try {
    return readFileSync(`/proc/${file}`, "latin1");
  } catch {
    return "";
  }
};

/** The ids of a process's threads; none if it has exited. */
export const threadsOf = (pid: number): number[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
};

/** A child belongs to the thread that started it. See proc_pid_task(5). */
const childrenOf = (pid: number): number[] =>
  threadsOf(pid).flatMap((thread) =>
    readProc(`${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );

/**
 * The ids of a process and of all processes below it, parents first. In a process namespace these are all that it started:
 * an orphan goes to the first process of the namespace. Only the process itself on systems without /proc.
 */
export const processTree = (pid: number): number[] => {
  const found = [pid];
  for (const parent of found) {
    if (found.length >= MAX_FOUND) break;
    found.push(...childrenOf(parent));
  }
  return found;
};
