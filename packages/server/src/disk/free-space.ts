import { statfs } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const [MB, GB] = [1e6, 1e9];
/** Below the first, installs and uploads fail; below the second, a warning is due. */
const [SCARCE, LOW] = [64 * MB, GB];

type DiskState = "ok" | "low" | "full";

export const diskStateOf = (free: number): DiskState => (free < SCARCE ? "full" : free < LOW ? "low" : "ok");

/** The free bytes of the disk that a folder is on. @throws the file system's error */
export const freeBytes = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

interface Asked {
  /** The last answer; undefined before the first, and where the folder cannot be asked. */
  free: number | undefined;
  /** Settles with the answer, or when it is late. Absent where nothing is asked. */
  wait?: Promise<unknown>;
}

/** Milliseconds for which a caller waits for a disk. */
const WAIT_MS = 1000;

/**
 * Asks disks how full they are. A disk that does not answer keeps a thread of file work, of which a process has four, so each folder
 * is asked once at a time. Callers wait for a limited time; afterwards they get its last answer, or none.
 * @returns the state of the fullest of the disks that some folders are on; undefined if none has answered
 */
export const createFullestDisk = (
  ask: (folder: string) => Promise<number> = freeBytes,
  waitMs: number = WAIT_MS,
): ((folders: readonly string[]) => Promise<DiskState | undefined>) => {
  const all = new Map<string, Asked>();
  const begin = (folder: string, asked: Asked): Promise<unknown> => {
    const answer = ask(folder)
      .then(
        (free) => free,
        () => undefined,
      )
      .then((free) => {
        asked.free = free;
        delete asked.wait;
      });
    return Promise.race([answer, sleep(waitMs, undefined, { ref: false })]);
  };
  const freeOf = async (folder: string): Promise<number | undefined> => {
    const asked = all.get(folder) ?? { free: undefined };
    all.set(folder, asked);
    asked.wait ??= begin(folder, asked);
    await asked.wait;
    return asked.free;
  };
  return async (folders) => {
    const found = (await Promise.all([...new Set(folders)].map(freeOf))).filter((free) => free !== undefined);
    return found.length === 0 ? undefined : diskStateOf(Math.min(...found));
  };
};
