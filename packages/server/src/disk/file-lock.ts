import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { chmod, lstat, open, realpath, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { unlessMissing, unlessTaken } from "./errno.ts";
import { isBusy } from "./errors.ts";
import { makeFolder } from "./folders.ts";
import { NotRegularError, readRegular } from "./regular-files.ts";

/** A lock that is held until it is released or the process ends, also by a crash. */
export interface FileLock {
  release(): void;
}

/** The holder of a lock that is taken. */
export interface Holder {
  /** A process id, or `unknown`. */
  pid: string;
}

/** Whether work was done; false where another connection holds the lock. @throws its other errors */
const unlessBusy = (work: () => void): boolean => {
  try {
    work();
    return true;
  } catch (e) {
    if (isBusy(e)) return false;
    throw e;
  }
};

/** Opens a file for work, and closes it where the work throws or answers false. */
const opened = (
  file: string,
  work: (db: DatabaseSyncInstance) => boolean,
): DatabaseSyncInstance | undefined => {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    if (work(db)) return db;
  } catch (e) {
    db.close();
    throw e;
  }
  db.close();
  return undefined;
};

/** Beside the lock and not in it: closing a file that was read would end this process's own locks on it (POSIX fcntl). */
const pidFileOf = (file: string): string => `${file}.pid`;

/**
 * Makes a lock file that no other user can open: a user who can read it can lock it. A file of a group's folder is the group's, because
 * its servers share it.
 * @throws NotRegularError where a link or something else has its name
 */
const makeLockFile = async (file: string): Promise<void> => {
  const { mode, uid, gid } = await stat(path.dirname(file));
  const isOfGroup = (mode & 0o020) !== 0;
  const found = await unlessMissing(lstat(file));
  if (found && !found.isFile()) throw new NotRegularError(file);
  // Opened only where it is new: closing it would end this process's own locks on it (POSIX fcntl).
  if (!found) await makeNew(file, { uid, gid }).catch(unlessTaken);
  // Another user's file stays as it is.
  await chmod(file, isOfGroup ? 0o660 : 0o600).catch(() => {});
};

/** A file that root makes is for the server that uses the folder. */
const makeNew = async (file: string, owner: { uid: number; gid: number }): Promise<void> => {
  const handle = await open(file, "wx", 0o600);
  try {
    // A container's root may not have the right to.
    if (process.geteuid?.() === 0) await handle.chown(owner.uid, owner.gid).catch(() => {});
  } finally {
    await handle.close();
  }
};

/** The holder writes its process id after it takes the lock, so it may be missing or outdated for a moment. */
const holderOf = async (file: string): Promise<Holder> => {
  const text = (await readRegular(pidFileOf(file)).catch(() => "")).toString();
  return { pid: /^\d+$/.test(text) ? text : "unknown" };
};

/**
 * The real path of a lock file, in a folder whose links are resolved. Makes the folder and the file if they are missing.
 * @param mode of the folder
 * @throws NotRegularError where a link or something else has the file's name
 */
export const realLockFile = async (file: string, mode: number): Promise<string> => {
  await makeFolder(path.dirname(file), mode);
  const real = path.join(await realpath(path.dirname(file)), path.basename(file));
  await makeLockFile(real);
  return real;
};

/**
 * Takes the exclusive lock of a SQLite file, at once or not at all. It is a lock of the operating system, so it ends with
 * the process, and it works on every system that SQLite supports.
 * @throws the error of SQLite or of the file system where the file cannot be locked at all
 */
export const takeLock = async (file: string): Promise<FileLock | Holder> => {
  const db = opened(file, (one) => unlessBusy(() => one.exec("BEGIN EXCLUSIVE")));
  if (!db) return holderOf(file);
  try {
    // Others may write to the folder: a link of theirs is not followed.
    await rm(pidFileOf(file), { force: true });
    await writeFile(pidFileOf(file), String(process.pid), { flag: "wx", mode: 0o600 });
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

/** Attempts at a shared lock, and milliseconds between two: others may be taking it at the same time. */
const [TRIES, PAUSE_MS] = [20, 50];

/** A lock of a file that several processes hold together. */
interface SharedLock extends FileLock {
  /** Identifies the file, whose path may differ from machine to machine. */
  id: string;
}

/** The group that shares a file, and the id of the file. */
interface Group {
  name: string;
  id: string;
}

/** The result of an attempt to share a file: shared, held by another group, or held exclusively. */
type Attempt = "in" | "others" | "busy";

const groupOf = (db: DatabaseSyncInstance): Group | undefined => {
  if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'party'").get()) return undefined;
  return db.prepare("SELECT name, id FROM party").get() as Group | undefined;
};

/** Reads which group shares the file. The open transaction holds the shared lock. */
const enter = (db: DatabaseSyncInstance, group: string): Attempt => {
  let found: Group | undefined;
  const isRead = unlessBusy(() => {
    db.exec("BEGIN");
    found = groupOf(db);
  });
  if (isRead && found?.name === group) return "in";
  db.exec("ROLLBACK");
  return isRead ? "others" : "busy";
};

/** Records the group that shares the file, which is possible only while the file is not locked. */
const claimFor = (db: DatabaseSyncInstance, group: string): void => {
  if (!unlessBusy(() => db.exec("BEGIN EXCLUSIVE"))) return;
  const id = groupOf(db)?.id ?? randomUUID();
  db.exec("CREATE TABLE IF NOT EXISTS party (name TEXT, id TEXT); DELETE FROM party");
  db.prepare("INSERT INTO party (name, id) VALUES (?, ?)").run(group, id);
  db.exec("COMMIT");
};

const tryShare = (file: string, group: string): DatabaseSyncInstance | Attempt => {
  let result: Attempt = "busy";
  const db = opened(file, (one) => {
    result = enter(one, group);
    if (result === "others") {
      claimFor(one, group);
      result = enter(one, group);
    }
    return result === "in";
  });
  return db ?? result;
};

/**
 * Takes the lock of a file, shared with the processes of one group only.
 * @param group the name of the group
 * @returns `others` where another group holds it
 * @throws the error of SQLite or of the file system where the file cannot be locked at all
 */
export const takeSharedLock = async (
  file: string,
  group: string,
): Promise<SharedLock | Holder | "others"> => {
  for (let tries = 1; ; tries++) {
    const db = tryShare(file, group);
    if (typeof db !== "string") {
      // Of an exclusive holder that was killed.
      rmSync(pidFileOf(file), { force: true });
      return {
        id: groupOf(db)?.id ?? "",
        release: () => {
          if (!db.isOpen) return;
          // A statement that is not collected yet would keep the lock beyond the end of the connection.
          db.exec("ROLLBACK");
          db.close();
        },
      };
    }
    if (tries === TRIES) return db === "others" ? db : holderOf(file);
    await sleep(PAUSE_MS);
  }
};
