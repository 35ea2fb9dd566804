import { mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";

const PREFIX = "hitagi-sandbox-";
const OWNER = /^hitagi-sandbox-(\d+)-/;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    // EPERM: it runs, and belongs to somebody else.
    return (e as NodeJS.ErrnoException).code !== "ESRCH";
  }
};

/** Removes the folders of servers that were killed, which could not do it themselves. */
const removeLeftovers = async (parent: string): Promise<void> => {
  const left = (await readdir(parent)).filter((name) => {
    const pid = OWNER.exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  // Another user's stay: they are that user's to remove.
  await Promise.allSettled(left.map((name) => rm(path.join(parent, name), { recursive: true, force: true })));
};

/** Makes a folder that belongs to this process, and removes those whose process is gone. */
export const makeWorkFolder = async (parent: string): Promise<string> => {
  await removeLeftovers(parent);
  return mkdtemp(path.join(parent, `${PREFIX}${process.pid}-`));
};
