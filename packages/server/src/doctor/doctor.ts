import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ApiError } from "@hitagi/contract";
import { lockFileOf } from "../data-folder/locks.ts";
import { type FileLock, takeLock } from "../disk/file-lock.ts";
import { storeFile } from "../store/store.ts";
import { checkArtifacts } from "./artifacts.ts";
import { checkClock, checkFolders, checkKey } from "./folders.ts";
import { checkLibrary } from "./library.ts";
import { checkNodes } from "./nodes.ts";
import { checkPlugins } from "./plugins.ts";
import { checkDeno, checkGit, checkNode, checkPerl } from "./programs.ts";
import { checkRegistries } from "./registries.ts";
import { checkServer } from "./server.ts";
import { checkStoppedStore } from "./store.ts";
import { type Check, type Finding, type Patient, skipped } from "./types.ts";

/** What is asked of a server: where it refuses to say, as without its store, that is what was found. */
const asked =
  (name: string, check: Check): Check =>
  (patient) =>
    check(patient).catch((e: unknown) => {
      if (!(e instanceof ApiError)) throw e;
      return [skipped(name, `The server does not tell: ${e.message}`)];
    });

const checks: readonly Check[] = [
  checkNode,
  checkDeno,
  checkPerl,
  checkGit,
  checkFolders,
  checkLibrary,
  checkArtifacts,
  checkKey,
  checkClock,
  checkServer,
  asked("nodes", checkNodes),
  asked("plugins", checkPlugins),
  asked("registries", checkRegistries),
];

/** The data folder's lock, or who has it. Where there never was a server there is nothing to lock, and nothing is made. */
const hold = async (data: string): Promise<{ lock?: FileLock; holder?: string; unused?: true }> => {
  const file = lockFileOf(data);
  if (!existsSync(file)) return { unused: true };
  const taken = await takeLock(file).catch(() => undefined);
  if (!taken) return {};
  return "release" in taken ? { lock: taken } : { holder: taken.pid };
};

/**
 * Looks at everything that a server needs, in the order in which it needs it. Nothing is changed, and a running server is not
 * disturbed: where none runs, its data folder is held for as long as its store is copied and looked at.
 */
export const examine = async (patient: Omit<Patient, "holder">): Promise<Finding[]> => {
  const { lock, holder, unused } = await hold(patient.config.data);
  // A store that is no file may be looked at before the first start.
  const remote = unused && storeFile(patient.config.store) === undefined;
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-doctor-"));
  try {
    const whole: Patient = { ...patient, holder };
    const stopped = lock || remote ? await checkStoppedStore(whole, folder) : [];
    lock?.release();
    const found = await Promise.all(checks.map((check) => check(whole)));
    return [...found.flat(), ...stopped];
  } finally {
    lock?.release();
    await rm(folder, { recursive: true, force: true });
  }
};
