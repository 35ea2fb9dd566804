import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import {
  backup,
  DatabaseSync,
  type DatabaseSyncInstance,
  type StatementSyncInstance,
} from "@photostructure/sqlite";
import { isBusy, storeError } from "../../disk/errors.ts";
import type { Durability } from "../types.ts";

/** Milliseconds between two tries for a lock that another program holds. */
const RETRY_EVERY = 20;

/** The one connection of a store, through which every sub-store reads and writes. */
export interface Connection {
  /** A statement that is compiled once and kept. */
  prepare(sql: string): StatementSyncInstance;
  /** Runs reads that see one state. */
  read<T>(work: () => T): Promise<T>;
  /** Runs changes that happen all or not at all; a throw undoes them. Waits for other programs' locks. */
  write<T>(work: () => T, durability?: Durability): Promise<T>;
  /** Reads and writes for no other end than to see that both can be done. */
  check(): Promise<void>;
  /** What SQLite finds damaged in the file, in its words. */
  faults(): Promise<string[]>;
  /** Writes the database, as it stands at one instant, to a file that is not there. */
  copy(file: string): Promise<void>;
  /** A second call does nothing. */
  close(): void;
}

/** The log's file is kept at its size, because writing over blocks that the disk already gave is twice as fast. */
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -4000;
  PRAGMA temp_store = MEMORY;
`;

/** Opens a database file with this store's settings; makes it where it is missing. */
export const openDatabase = (path: string): DatabaseSyncInstance => {
  const db = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
  db.exec(SETTINGS);
  return db;
};

const transact = <T>(db: DatabaseSyncInstance, work: () => T): T => {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (e) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw e;
  }
};

const relaxed = <T>(db: DatabaseSyncInstance, work: () => T): T => {
  db.exec("PRAGMA synchronous = NORMAL");
  try {
    return work();
  } finally {
    db.exec("PRAGMA synchronous = FULL");
  }
};

/**
 * Calls until it is not refused for another program's lock, for at most `patience` milliseconds. SQLite's own
 * busy timeout would do the same but stop the whole server meanwhile.
 * @throws HitagiError STORE_LOCKED, DISK_FULL, STORE_FAILED
 */
export const patiently = async <T>(patience: number, call: () => T): Promise<T> => {
  const until = performance.now() + patience;
  for (;;) {
    try {
      return call();
    } catch (e) {
      if (!isBusy(e) || performance.now() >= until) throw storeError(e);
      await sleep(RETRY_EVERY);
    }
  }
};

/** Writes the schema's version over itself: the smallest change that reaches the file. */
const rewriteVersion = (db: DatabaseSyncInstance): void => {
  const row = db.prepare("PRAGMA user_version").get() as { user_version: number };
  db.exec(`PRAGMA user_version = ${row.user_version}`);
};

/**
 * Empties the log first. The driver frees statements only when they are collected, and SQLite keeps a file open
 * until they are; so without this the log would stay beside the database, and a copy of the database lack it.
 */
const close = (db: DatabaseSyncInstance): void => {
  if (!db.isOpen) return;
  try {
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (e) {
    throw storeError(e);
  } finally {
    db.close();
  }
};

/** Pages that are copied in one go, between which others write: about 4 MB. */
const COPY_PAGES = 1000;

const copy = async (db: DatabaseSyncInstance, file: string): Promise<void> => {
  try {
    // SQLite would make it with everybody's rights.
    await writeFile(file, "", { flag: "wx", mode: 0o600 });
    await backup(db, file, { rate: COPY_PAGES });
  } catch (e) {
    throw storeError(e);
  }
};

const faults = (db: DatabaseSyncInstance): string[] => {
  const rows = db.prepare("PRAGMA quick_check").all() as { quick_check: string }[];
  return rows.map((row) => row.quick_check).filter((text) => text !== "ok");
};

/** @param patience milliseconds to wait for another program's lock */
export const createConnection = (db: DatabaseSyncInstance, patience: number): Connection => {
  const write: Connection["write"] = (work, durability = "durable") =>
    patiently(patience, () =>
      durability === "durable" ? transact(db, work) : relaxed(db, () => transact(db, work)),
    );
  return {
    prepare: (sql) => db.prepare(sql),
    read: (work) => patiently(patience, work),
    write,
    check: () => write(() => rewriteVersion(db), "relaxed"),
    faults: () => patiently(patience, () => faults(db)),
    copy: (file) => copy(db, file),
    close: () => close(db),
  };
};
