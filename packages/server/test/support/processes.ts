import { readdirSync } from "node:fs";
import { readProc } from "../../src/runtimes/processes/process-tree.ts";

/** Command lines of every process of this machine, each argument with a `\0` behind it; Linux only, none elsewhere. */
export const commandLines = (): string[] => {
  if (process.platform !== "linux") return [];
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.map((id) => readProc(`${id}/cmdline`));
};

/** Whether a process of this user has not ended. */
export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
