import { lstat, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
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

/**
 * Whether a folder is this user's, and no other user can enter it (mode 0700). Only then what is in it can be removed: elsewhere another
 * user could put a link in place of a folder while it is being removed. The temporary folder of Windows is the user's own.
 */
const isPrivate = async (folder: string): Promise<boolean> => {
  if (process.platform === "win32") return true;
  const found = await lstat(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
};

/** The private folder for the folders of processes: the parent, or one in it. Undefined where another user took its name. */
const privateFolder = async (parent: string): Promise<string | undefined> => {
  if (await isPrivate(parent)) return parent;
  const own = path.join(parent, `hitagi-${process.getuid?.()}`);
  try {
    await mkdir(own, 0o700);
  } catch (e) {
    if (codeOf(e) !== "EEXIST") throw e;
  }
  return (await isPrivate(own)) ? own : undefined;
};

/** Removes the folders of servers that were killed. @param parent a private folder */
const removeAbandoned = async (parent: string, beforeRemoval: BeforeRemoval): Promise<void> => {
  const abandoned = (await readdir(parent)).filter((name) => {
    const pid = OWNER.exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  // A plugin may have made folders that cannot be removed; they stay.
  await Promise.allSettled(
    abandoned.map(async (name) => {
      const folder = path.join(parent, name);
      await beforeRemoval(folder);
      await rm(folder, { recursive: true, force: true });
    }),
  );
};

/**
 * Makes a folder for this process, which no other user can enter, and removes those of exited ones, each after `beforeRemoval`.
 * @param parent may be a folder that others write to, such as the system's temporary folder
 */
export const makeWorkFolder = async (
  parent: string,
  beforeRemoval: BeforeRemoval = async () => {},
): Promise<string> => {
  const own = await privateFolder(parent);
  if (own !== undefined) await removeAbandoned(own, beforeRemoval);
  return mkdtemp(path.join(own ?? parent, `${PREFIX}${process.pid}-`));
};
