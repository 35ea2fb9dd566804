import { closeSync, openSync, readdirSync, readSync } from "node:fs";

/** Processes of a tree that are looked for: a tree of more is over every limit. */
const MAX_FOUND = 512;

/** For all reads: a file of /proc has no size, and each plugin's is read ten times a second. */
const buffer = Buffer.alloc(16 * 1024);

const readToEnd = (fd: number): string => {
  let text = "";
  for (let size = readSync(fd, buffer); size > 0; size = readSync(fd, buffer))
    text += buffer.toString("latin1", 0, size);
  return text;
};

/** Reads a file of /proc, which is in memory, so that the read may be synchronous; empty if the process has exited. */
export const readProc = (file: string): string => {
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${file}`, "r");
    return readToEnd(fd);
  } catch {
    return "";
  } finally {
    if (fd !== undefined) closeSync(fd);
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
