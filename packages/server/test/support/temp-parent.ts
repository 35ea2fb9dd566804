import { accessSync, constants, readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const MEMORY = "/dev/shm";
/** Bytes that must be free in memory: more than the tests have written at any moment. */
const ENOUGH = 4 * 1024 ** 3;

const isExecutable = (mount: string): boolean => {
  const line = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .find((text) => text.split(" ")[1] === mount);
  return line !== undefined && !line.split(" ")[3]?.split(",").includes("noexec");
};

/** Where the tests of a run keep their files: in memory, where each fsync is free, if it is big enough; else as TMPDIR says. */
export const tempParent = (): string => {
  if (process.env.TMPDIR || process.platform !== "linux") return tmpdir();
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ENOUGH && isExecutable(MEMORY) ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
};
