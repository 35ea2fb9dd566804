import { realpath } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { storeError } from "../disk/errors.ts";
import { type FileLock, realLockFile, takeLock, takeSharedLock } from "../disk/file-lock.ts";
import { exists } from "../disk/files.ts";

/** The folders and files that one server owns. */
export interface OwnedFolders {
  data: string;
  plugins: string;
  /** The file of the store; undefined where the store is no file. */
  storeFile: string | undefined;
  /** Undefined where another server keeps the archives. */
  library: string | undefined;
}

/** The locks of a server's folders. */
export interface FolderLocks {
  /** The setting of each folder that cannot be locked, and why. The server uses it without a lock. */
  unlockable: { setting: string; error: unknown }[];
  /**
   * Locks the library's folder together with all servers on one store; see {@link LockOptions}.
   * @param store an id of the store
   * @returns an id of the folder; undefined where there is none, or where it cannot be locked
   * @throws HitagiError DATA_IN_USE, LIBRARY_OF_OTHERS
   */
  lockSharedLibrary(store: string): Promise<string | undefined>;
  release(): Promise<void>;
}

export interface LockOptions {
  /** Leaves out the library: {@link FolderLocks.lockSharedLibrary} locks it once the store is open. */
  sharesLibrary?: boolean;
  /** Does not make a library folder that is missing, which stays without a lock. */
  leavesMissingLibrary?: boolean;
}

/** A lock file, and what it protects. */
interface LockTarget {
  what: string;
  flag: string;
  setting: string;
  lock: string;
  /** The mode of a folder that is created. */
  mode: number;
  /** Whether a folder that cannot be locked, such as a read-only one, is used without a lock. */
  isOptional?: boolean;
}

/** Hidden, so that scans of the plugins folder and of the library skip it. */
const LOCK = ".hitagi.lock";

/** The lock file of a folder. Do not read it: closing it would release this process's own lock (POSIX fcntl). */
export const lockFileOf = (folder: string): string => path.join(folder, LOCK);

/** Whether a name is that of a folder's lock file, or of a file beside it. */
export const isLockFile = (name: string): boolean => name.startsWith(LOCK);

/** The data folder and the store hold secrets; the owner may let others read plugins and archives. */
const [PRIVATE, READABLE] = [0o700, 0o777];

/** A database is one file, also where links name it. Its lock is beside the real file. */
const storeTarget = async (file: string): Promise<LockTarget> => {
  const real = await realpath(file).catch(() => path.resolve(file));
  return { what: "store", flag: "--store", setting: "HITAGI_STORE", lock: `${real}.lock`, mode: PRIVATE };
};

const folderTarget = (name: "data" | "plugins" | "library", folder: string): LockTarget => ({
  what: `${name} folder`,
  flag: `--${name}`,
  setting: `HITAGI_${name.toUpperCase()}`,
  lock: lockFileOf(folder),
  mode: name === "data" ? PRIVATE : READABLE,
  isOptional: name === "library",
});

const ownTargets = async ({ data, plugins, storeFile }: OwnedFolders): Promise<LockTarget[]> => [
  folderTarget("data", data),
  ...(storeFile === undefined ? [] : [await storeTarget(storeFile)]),
  folderTarget("plugins", plugins),
];

const libraryTargets = async (
  { library }: OwnedFolders,
  { leavesMissingLibrary = false }: LockOptions,
): Promise<LockTarget[]> =>
  library === undefined || (leavesMissingLibrary && !(await exists(library)))
    ? []
    : [folderTarget("library", library)];

/** @throws HitagiError DATA_IN_USE, and the errors of {@link takeLock} */
const lockAlone = async ({ what, flag }: LockTarget, file: string): Promise<FileLock> => {
  const taken = await takeLock(file);
  if ("release" in taken) return taken;
  throw new HitagiError("DATA_IN_USE", { what, flag, pid: taken.pid });
};

/** Locks a target together with the servers on one store. @throws the same, and HitagiError LIBRARY_OF_OTHERS */
const lockTogether =
  (store: string, onLocked: (id: string) => void): typeof lockAlone =>
  async ({ what, flag }, file) => {
    const taken = await takeSharedLock(file, store);
    if (taken === "others") throw new HitagiError("LIBRARY_OF_OTHERS");
    if (!("release" in taken)) throw new HitagiError("DATA_IN_USE", { what, flag, pid: taken.pid });
    onLocked(taken.id);
    return taken;
  };

/** Locks that are released together. */
const createLockSet = () => {
  const locks = new Map<string, FileLock>();
  const unlockable: FolderLocks["unlockable"] = [];
  return {
    unlockable,
    add: async (targets: LockTarget[], take = lockAlone): Promise<void> => {
      for (const target of targets) {
        try {
          const file = await realLockFile(target.lock, target.mode);
          // Two targets may be one folder.
          if (!locks.has(file)) locks.set(file, await take(target, file));
        } catch (error) {
          if (error instanceof HitagiError || !target.isOptional) throw storeError(error);
          unlockable.push({ setting: target.setting, error });
        }
      }
    },
    release: async (): Promise<void> => {
      for (const lock of locks.values()) lock.release();
    },
  };
};

const lockAll = async (targets: LockTarget[]) => {
  const set = createLockSet();
  try {
    await set.add(targets);
    return set;
  } catch (e) {
    await set.release();
    throw storeError(e);
  }
};

/**
 * Locks the data folder, the file of the store, the plugins folder and the library's folder, each by its real path,
 * until they are released or the process ends. Creates missing folders.
 * @throws HitagiError DATA_IN_USE where another server has one of them, STORE_FAILED where one cannot be written,
 *   DISK_FULL
 */
export const lockFolders = async (folders: OwnedFolders, options: LockOptions = {}): Promise<FolderLocks> => {
  const own = await ownTargets(folders);
  const library = await libraryTargets(folders, options);
  const { add, ...locks } = await lockAll(options.sharesLibrary ? own : [...own, ...library]);
  return {
    ...locks,
    lockSharedLibrary: async (store) => {
      let id: string | undefined;
      const lock = lockTogether(store, (folder) => {
        id = folder;
      });
      await add(library, lock);
      return id;
    },
  };
};

/**
 * Locks the file of a store and the data folder that holds its artifacts.
 * @param data undefined where this process has locked it already
 * @returns releases both
 * @throws HitagiError DATA_IN_USE where a server has one of them, STORE_FAILED
 */
export const lockStoreFile = async (file: string, data: string | undefined): Promise<() => Promise<void>> => {
  const folders = data === undefined ? [] : [folderTarget("data", data)];
  return (await lockAll([await storeTarget(file), ...folders])).release;
};
