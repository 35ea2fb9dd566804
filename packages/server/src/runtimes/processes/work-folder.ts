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
    // EPERM: it runs as another user.
    return codeOf(e) !== "ESRCH";
  }
};

type BeforeRemoval = (folder: string) => Promise<void>;

/** Removes the folders of servers that were killed. */
const removeAbandoned = async (parent: string, beforeRemoval: BeforeRemoval): Promise<void> => {
  const abandoned = (await readdir(parent)).filter((name) => {
    const pid = OWNER.exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  // Another user's folders cannot be removed, and stay.
  await Promise.allSettled(
    abandoned.map(async (name) => {
      const folder = path.join(parent, name);
      await beforeRemoval(folder);
      await rm(folder, { recursive: true, force: true });
    }),
  );
};

/** Makes a folder for this process, and removes those of exited ones, each after `beforeRemoval`. */
export const makeWorkFolder = async (
  parent: string,
  beforeRemoval: BeforeRemoval = async () => {},
): Promise<string> => {
  await removeAbandoned(parent, beforeRemoval);
  return mkdtemp(path.join(parent, `${PREFIX}${process.pid}-`));
};
