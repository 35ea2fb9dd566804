import { mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { codeOf } from "../../disk/errno.ts";

const PREFIX = "hitagi-sandbox-";
const OWNER = /^hitagi-sandbox-(\d+)-/;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    // EPERM: it runs, and belongs to somebody else.
    return codeOf(e) !== "ESRCH";
  }
};

type OnLeft = (folder: string) => Promise<void>;

/** Removes the folders of servers that were killed, which could not do it themselves. */
const removeLeftovers = async (parent: string, onLeft: OnLeft): Promise<void> => {
  const left = (await readdir(parent)).filter((name) => {
    const pid = OWNER.exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  // Another user's stay: they are that user's to remove.
  await Promise.allSettled(
    left.map(async (name) => {
      const folder = path.join(parent, name);
      await onLeft(folder);
      await rm(folder, { recursive: true, force: true });
    }),
  );
};

/**
 * Makes a folder that belongs to this process, and removes those whose process is gone.
 * @param onLeft called for each of these before it is removed
 */
export const makeWorkFolder = async (parent: string, onLeft: OnLeft = async () => {}): Promise<string> => {
  await removeLeftovers(parent, onLeft);
  return mkdtemp(path.join(parent, `${PREFIX}${process.pid}-`));
};
