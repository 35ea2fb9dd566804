import { statfs } from "node:fs/promises";
import path from "node:path";
import { HitagiError, MAX_ARTIFACT_BYTES } from "@hitagi/contract";
import { isMissing } from "../../disk/errno.ts";
import type { InstallDeps } from "../deps.ts";

/** The new file in staging, its copy among the artifacts, and room for the store and the journal beside them. */
const NEEDED_BYTES = 4 * MAX_ARTIFACT_BYTES;

const freeBytes = async (folder: string): Promise<number> => {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (e) {
    if (isMissing(e) && path.dirname(folder) !== folder) return freeBytes(path.dirname(folder));
    throw e;
  }
};

/** The error for disks that have no room for an install, or undefined. */
export const diskFull = async (deps: InstallDeps): Promise<HitagiError | undefined> => {
  const free = await Promise.all([deps.stagingFolder, deps.pluginsFolder].map(freeBytes));
  return Math.min(...free) < NEEDED_BYTES ? new HitagiError("DISK_FULL") : undefined;
};
