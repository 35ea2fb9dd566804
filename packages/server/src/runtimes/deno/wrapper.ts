import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const MB = 1024 * 1024;

/** Private memory that Deno sets aside at start, nearly all of it unused: mostly V8's range for compiled code. */
const DENO_DATA_MB = 640;

const folders = ["/usr/bin", "/bin", "/usr/local/bin"];
const find = (name: string): string | undefined =>
  folders.map((folder) => `${folder}/${name}`).find((file) => existsSync(file));

/** The process may not write files, dump its memory, open many files, or take more memory than it was given. */
const limits = (prlimit: string, memoryMb: number): string[] => [
  prlimit,
  `--data=${(DENO_DATA_MB + memoryMb) * MB}`,
  "--core=0",
  "--fsize=0",
  "--nofile=64",
];

const works = async ([command, ...args]: string[]): Promise<boolean> => {
  if (command === undefined) return true;
  // A program by this name that does not know the options is the same as none.
  return promisify(execFile)(command, [...args, "/bin/true"], { env: {} }).then(
    () => true,
    () => false,
  );
};

/**
 * What the sandbox's command line begins with on this machine: util-linux's setpriv, by which the kernel ends the
 * process when the server's ends however it does, and prlimit, for hard limits. Empty where neither is there; the
 * process then ends when it reads the end of its input, and the memory watch is the only limit beside V8's.
 */
export const findWrapper = async (memoryMb: number): Promise<string[]> => {
  if (process.platform !== "linux") return [];
  const setpriv = find("setpriv");
  const prlimit = find("prlimit");
  const dieWithServer = setpriv ? [setpriv, "--pdeathsig", "KILL"] : [];
  const limit = prlimit ? limits(prlimit, memoryMb) : [];
  for (const wrapper of [[...dieWithServer, ...limit], limit, dieWithServer]) {
    if (await works(wrapper)) return wrapper;
  }
  return [];
};
