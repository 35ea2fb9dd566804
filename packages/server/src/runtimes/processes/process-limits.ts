import { execFile } from "node:child_process";
import { setPriority } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../disk/find-program.ts";
import { processTree, threadsOf } from "./process-tree.ts";

const MB = 1024 * 1024;

/** Hard limits, for a process and for each process that it starts. */
export interface ProcessLimits {
  dataMb: number;
  /** Bytes of a file that it writes. */
  fileBytes: number;
  openFiles: number;
}

const works = async ([command, ...args]: string[]): Promise<boolean> => {
  if (command === undefined) return true;
  // A program of this name may not know the options.
  return promisify(execFile)(command, [...args, "/bin/true"], { env: {} }).then(
    () => true,
    () => false,
  );
};

/**
 * The prefix of the sandbox's command line on this machine: util-linux's setpriv, with which the kernel ends the process
 * when the server dies, and prlimit for hard limits. Empty if there is neither: the process then ends with its input,
 * and only the memory watch and the language itself limit it.
 */
export const limitCommand = async ({ dataMb, fileBytes, openFiles }: ProcessLimits): Promise<string[]> => {
  if (process.platform !== "linux") return [];
  const setpriv = findProgram("setpriv");
  const prlimit = findProgram("prlimit");
  const dieWithServer = setpriv ? [setpriv, "--pdeathsig", "KILL"] : [];
  const options = [`--data=${dataMb * MB}`, "--core=0", `--fsize=${fileBytes}`, `--nofile=${openFiles}`];
  const limit = prlimit ? [prlimit, ...options] : [];
  for (const command of [[...dieWithServer, ...limit], limit, dieWithServer]) {
    if (await works(command)) return command;
  }
  return [];
};

/** The walls of `limitCommand`'s prefix. */
export const limitWalls = (prefix: readonly string[]): ("prlimit" | "setpriv")[] => {
  const programs = prefix.map((part) => path.basename(part));
  return (["prlimit", "setpriv"] as const).filter((name) => programs.includes(name));
};

/** Gives a plugin about a third of the server's share of the processor. */
const PRIORITY = 5;

/** Lowers the priority of a process that is about to run a plugin, with all below it; its start is not slowed down. */
export const lowerPriority = (pid: number): void => {
  try {
    // On Linux each thread has a priority, elsewhere the process.
    const ids = process.platform === "linux" ? processTree(pid).flatMap(threadsOf) : [pid];
    for (const id of ids) setPriority(id, PRIORITY);
  } catch {
    // The process has just exited, or the system does not allow it, which costs only speed.
  }
};
