import { stat } from "node:fs/promises";
import { unlessMissing } from "../disk/errno.ts";

/** Node's types do not have it. */
const { initgroups } = process as NodeJS.Process & { initgroups?(uid: number, group: number): void };

/** Takes the groups of a user; its own group alone where no account has the id, as in a container. */
const setGroupsOf = (uid: number, gid: number): void => {
  try {
    initgroups?.(uid, gid);
  } catch {
    process.setgroups?.([gid]);
  }
};

/**
 * Runs work as the owner of a folder, if this process is root's. That user can change the folder at any time, so root must not follow its
 * links, and new files must be that user's.
 * @param folder if it is missing, the work runs as this process
 */
export const asOwnerOf = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  const owner = process.getuid?.() === 0 ? await unlessMissing(stat(folder)) : undefined;
  if (owner === undefined || owner.uid === 0) return work();
  const [groups, group] = [process.getgroups?.() ?? [], process.getegid?.() ?? 0];
  setGroupsOf(owner.uid, owner.gid);
  process.setegid?.(owner.gid);
  process.seteuid?.(owner.uid);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(group);
    process.setgroups?.(groups);
  }
};
