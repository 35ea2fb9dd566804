import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { readFile, realpath, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { isBusy } from "./errors.ts";
import { makeFolder } from "./folders.ts";

/** A lock that is held until it is released or the process ends, however it ends. */
export interface FileLock {
  release(): void;
}

/** Who holds a lock that could not be taken. */
export interface Holder {
  /** A process id, or `unknown`. */
  pid: string;
}

/** Whether nobody was in the way of something. @throws what else it throws */
const unlessBusy = (work: () => void): boolean => {
  try {
    work();
    return true;
  } catch (e) {
    if (isBusy(e)) return false;
    throw e;
  }
};

/** The file; it is closed where what is done with it throws or answers false. */
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

/**
 * Takes the exclusive lock of a SQLite file, which is a lock of the operating system: it ends with
 * the process, however it ends, and works alike on every system that SQLite runs on.
 */
const lock = (file: string): DatabaseSyncInstance | undefined =>
  opened(file, (db) => unlessBusy(() => db.exec("BEGIN EXCLUSIVE")));

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

/** Times that a shared lock is tried, and milliseconds between them: others may be about to take the same. */
const [TRIES, PAUSE_MS] = [20, 50];

/** The lock of a file that several hold. */
interface SharedLock extends FileLock {
  /** Tells the file from all others, whatever it is called on each machine. */
  id: string;
}

/** Who shares a file, and what tells it from others. */
interface Party {
  name: string;
  id: string;
}

/** Where a server stands that wants to share a file: in, kept out by another party, or by whoever has it alone. */
type Standing = "in" | "others" | "busy";

const partyOf = (db: DatabaseSyncInstance): Party | undefined => {
  if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'party'").get()) return undefined;
  return db.prepare("SELECT name, id FROM party").get() as Party | undefined;
};

/** Reads who shares the file, by which it is held for reading while the transaction is open. */
const enter = (db: DatabaseSyncInstance, party: string): Standing => {
  let found: Party | undefined;
  const isRead = unlessBusy(() => {
    db.exec("BEGIN");
    found = partyOf(db);
  });
  if (isRead && found?.name === party) return "in";
  db.exec("ROLLBACK");
  return isRead ? "others" : "busy";
};

/** Writes down who shares the file from now on, which can be done only while nobody holds it. */
const claimFor = (db: DatabaseSyncInstance, party: string): void => {
  if (!unlessBusy(() => db.exec("BEGIN EXCLUSIVE"))) return;
  const id = partyOf(db)?.id ?? randomUUID();
  db.exec("CREATE TABLE IF NOT EXISTS party (name TEXT, id TEXT); DELETE FROM party");
  db.prepare("INSERT INTO party (name, id) VALUES (?, ?)").run(party, id);
  db.exec("COMMIT");
};

const tryShare = (file: string, party: string): { standing: Standing; db?: DatabaseSyncInstance } => {
  const share = { standing: "busy" as Standing };
  const db = opened(file, (one) => {
    share.standing = enter(one, party);
    if (share.standing === "others") {
      claimFor(one, party);
      share.standing = enter(one, party);
    }
    return share.standing === "in";
  });
  return { ...share, ...(db && { db }) };
};

/**
 * Takes the lock of a file together with all others of one party, and with nobody else.
 * @param party a name that they have in common
 * @returns `others` where those of another party have it
 * @throws the error of SQLite or of the file system where the file cannot be locked at all
 */
export const takeSharedLock = async (
  file: string,
  party: string,
): Promise<SharedLock | Holder | "others"> => {
  for (let tries = 1; ; tries++) {
    const { standing, db } = tryShare(file, party);
    if (db) {
      // Of who had it alone before, and was killed.
      rmSync(pidFileOf(file), { force: true });
      return {
        id: partyOf(db)?.id ?? "",
        release: () => {
          if (!db.isOpen) return;
          // A statement that is not collected yet would keep the lock beyond the end of the connection.
          db.exec("ROLLBACK");
          db.close();
        },
      };
    }
    if (tries === TRIES) return standing === "others" ? standing : holderOf(file);
    await sleep(PAUSE_MS);
  }
};
