import { rmSync } from "node:fs";
import { readFile, realpath, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { makeFolder } from "./make-folder.ts";
import { isBusy } from "./store-error.ts";

/** A lock that is held until it is released or the process ends, however it ends. */
export interface FileLock {
  release(): void;
}

/** Who holds a lock that could not be taken. */
export interface Holder {
  /** A process id, or `unknown`. */
  pid: string;
}

/**
 * Takes the exclusive lock of an otherwise empty SQLite file, which is a lock of the operating system: it ends with
 * the process, however it ends, and works alike on every system that SQLite runs on.
 */
const lock = (file: string): DatabaseSyncInstance | undefined => {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec("BEGIN EXCLUSIVE");
    return db;
  } catch (e) {
    db.close();
    if (isBusy(e)) return undefined;
    throw e;
  }
};

/** Beside the lock and not in it: closing a file that was read would end this process's own locks on it (POSIX fcntl). */
const pidFileOf = (file: string): string => `${file}.pid`;

/** The holder writes its process id after it has the lock, so for an instant it may be missing or an old one. */
const holderOf = async (file: string): Promise<Holder> => {
  const text = await readFile(pidFileOf(file), "utf8").catch(() => "");
  return { pid: /^\d+$/.test(text) ? text : "unknown" };
};

/** Where a lock file really is, by whatever links it is named; makes its folder where it is missing. */
export const realLockFile = async (file: string, mode: number): Promise<string> => {
  await makeFolder(path.dirname(file), mode);
  return path.join(await realpath(path.dirname(file)), path.basename(file));
};

/**
 * Takes the lock of a file, at once or not at all.
 * @throws the error of SQLite or of the file system where the file cannot be locked at all
 */
export const takeLock = async (file: string): Promise<FileLock | Holder> => {
  const db = lock(file);
  if (!db) return holderOf(file);
  try {
    await writeFile(pidFileOf(file), String(process.pid), { mode: 0o600 });
  } catch (e) {
    db.close();
    throw e;
  }
  return {
    release: () => {
      if (!db.isOpen) return;
      // While the lock is held: afterwards it may be that of the next holder.
      rmSync(pidFileOf(file), { force: true });
      db.close();
    },
  };
};
