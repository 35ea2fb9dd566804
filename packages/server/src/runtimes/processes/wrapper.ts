import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const MB = 1024 * 1024;

const folders = ["/usr/bin", "/bin", "/usr/local/bin"];
const find = (name: string): string | undefined =>
  folders.map((folder) => `${folder}/${name}`).find((file) => existsSync(file));

/** Hard limits of a process and of all that it starts, each for itself. */
export interface Limits {
  /** Megabytes of memory of its own. */
  dataMb: number;
  /** Bytes of a file that it writes. */
  fileBytes: number;
  openFiles: number;
}

const limitsFor = (prlimit: string, { dataMb, fileBytes, openFiles }: Limits): string[] => [
  prlimit,
  `--data=${dataMb * MB}`,
  "--core=0",
  `--fsize=${fileBytes}`,
  `--nofile=${openFiles}`,
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
 * process then ends when it reads the end of its input, and the memory watch is the only limit beside the language's own.
 */
export const findWrapper = async (limits: Limits): Promise<string[]> => {
  if (process.platform !== "linux") return [];
  const setpriv = find("setpriv");
  const prlimit = find("prlimit");
  const dieWithServer = setpriv ? [setpriv, "--pdeathsig", "KILL"] : [];
  const limit = prlimit ? limitsFor(prlimit, limits) : [];
  for (const wrapper of [[...dieWithServer, ...limit], limit, dieWithServer]) {
    if (await works(wrapper)) return wrapper;
  }
  return [];
};
