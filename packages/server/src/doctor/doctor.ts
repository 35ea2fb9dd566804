import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { lockFileOf } from "../data-folder/locks.ts";
import { type FileLock, takeLock } from "../disk/file-lock.ts";
import { storeFile } from "../store/store.ts";
import type { Check, Finding, Target } from "./finding.ts";
import { checkClock, checkFolders, checkKey } from "./folders.ts";
import { checkNewArchives } from "./new-archives.ts";
import { checkDeno, checkGit, checkNode, checkPerl } from "./programs.ts";
import { checkArtifacts, checkLibrary } from "./remote-storage.ts";
import {
  checkBlockLists,
  checkLibraryFiles,
  checkNodes,
  checkPlugins,
  checkRecords,
  checkRegistries,
  checkSchedules,
  checkTagTable,
} from "./running-server.ts";
import { checkServer } from "./server.ts";
import { checkStoppedStore } from "./stopped-store.ts";
import { checkWaitingRestore } from "./waiting-restore.ts";

/** In the order in which a server needs what they check. */
const checks: readonly Check[] = [
  checkNode,
  checkDeno,
  checkPerl,
  checkGit,
  checkFolders,
  checkWaitingRestore,
  checkLibrary,
  checkNewArchives,
  checkArtifacts,
  checkKey,
  checkClock,
  checkServer,
  checkRecords,
  checkLibraryFiles,
  checkNodes,
  checkPlugins,
  checkTagTable,
  checkSchedules,
  checkRegistries,
  checkBlockLists,
];

/** Locks the data folder, or finds its holder. A folder that no server has used is not locked, so that nothing is created. */
const lockFolder = async (
  data: string,
): Promise<{ lock?: FileLock; holder?: string; isUnused?: boolean }> => {
  const file = lockFileOf(data);
  if (!existsSync(file)) return { isUnused: true };
  const taken = await takeLock(file).catch(() => undefined);
  if (!taken) return {};
  return "release" in taken ? { lock: taken } : { holder: taken.pid };
};

const runChecks = async (target: Target): Promise<Finding[]> =>
  (await Promise.all(checks.map((check) => check(target)))).flat();

/**
 * Checks everything that this process, a running server, needs. It does not touch the lock of the data folder, which the process holds.
 * @param subject `server` has a client of this server
 */
export const examineThisServer = (subject: Omit<Target, "holder">): Promise<Finding[]> =>
  runChecks({ ...subject, holder: String(process.pid) });

/**
 * Checks everything that a server needs. It changes nothing and does not disturb a running server. If none runs, it
 * holds the data folder while it copies and checks the store.
 */
export const examine = async (subject: Omit<Target, "holder">): Promise<Finding[]> => {
  const { data, store } = subject.config;
  const { lock, holder, isUnused } = await lockFolder(data);
  // A store that is no file can be checked before the first start.
  const isRemoteOnly = isUnused && storeFile(store) === undefined;
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-doctor-"));
  try {
    const target: Target = { ...subject, holder };
    const stopped = lock || isRemoteOnly ? await checkStoppedStore(target, folder) : [];
    lock?.release();
    return [...(await runChecks(target)), ...stopped];
  } finally {
    lock?.release();
    await rm(folder, { recursive: true, force: true });
  }
};
