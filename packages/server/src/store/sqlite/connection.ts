import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import {
  backup,
  DatabaseSync,
  type DatabaseSyncInstance,
  type StatementSyncInstance,
} from "@photostructure/sqlite";
import { isBusy, storeError } from "../../disk/errors.ts";
import { type BadRecords, createBadRecords } from "../bad-records.ts";
import type { Durability } from "../types.ts";
import { findFaults } from "./faults.ts";

type Value = string | number | null;
type Result<T> = (...values: Value[]) => Promise<T>;

/** Milliseconds between two attempts while another program holds a lock. */
const RETRY_MS = 20;

/** The one connection of a store, through which all parts of it read and write. */
export interface Connection {
  readonly bad: BadRecords;
  /** A statement that is compiled once and kept. */
  prepare(sql: string): Statement;
  /** Runs reads that see one state. */
  read<T>(work: () => T): Promise<T>;
  /** Runs changes in one transaction; an exception undoes them. Waits for locks of other programs. */
  write<T>(work: () => T, durability?: Durability): Promise<T>;
  /** A query of at most one row. */
  one<R>(sql: string): Result<R | undefined>;
  /** A query of any number of rows. */
  all<R>(sql: string): Result<R[]>;
  /** A change in a transaction of its own, which answers the number of changed rows. */
  change(sql: string, durability?: Durability): Result<number>;
  /** Checks that the database can be read and written. */
  check(): Promise<void>;
  /** The damage that SQLite's check finds in the file, which a process of its own reads. */
  faults(): Promise<string[]>;
  /** Writes the database as of one instant to a new file. */
  copy(file: string): Promise<void>;
  /** A second call does nothing. */
  close(): void;
}

/** The log keeps its size: overwriting allocated blocks is twice as fast. */
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -4000;
  PRAGMA temp_store = MEMORY;
  PRAGMA trusted_schema = OFF;
`;

/** Opens a database file with this store's settings; makes it where it is missing. */
export const openDatabase = (path: string): DatabaseSyncInstance => {
  const db = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
  db.exec(SETTINGS);
  return db;
};

/** A compiled statement. A number of 64 bits that is not exact in JavaScript is a bigint, which SQLite's driver refuses to read. */
export type Statement = Pick<StatementSyncInstance, "all" | "get" | "run">;

const narrowed = (row: unknown): unknown =>
  row === undefined
    ? row
    : Object.fromEntries(
        Object.entries(row as object).map(([column, value]) => [
          column,
          typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value,
        ]),
      );

/** Reads again with bigints if a query fails, since most have none and are read faster so. */
const createStatement = (statement: StatementSyncInstance): Statement => {
  const read = <T>(query: () => T, narrow: (found: T) => T): T => {
    try {
      return query();
    } catch (e) {
      if (isBusy(e)) throw e;
    }
    statement.setReadBigInts(true);
    try {
      return narrow(query());
    } finally {
      statement.setReadBigInts(false);
    }
  };
  return {
    run: (...values) => statement.run(...values),
    get: (...values) => read(() => statement.get(...values), narrowed),
    all: (...values) =>
      read(
        () => statement.all(...values),
        (rows) => rows.map(narrowed),
      ),
  };
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
 * Repeats a call while another program holds a lock. SQLite's own busy timeout would block the whole server.
 * @param timeoutMs milliseconds until it fails
 * @throws HitagiError STORE_LOCKED, DISK_FULL, STORE_FAILED
 */
export const retryWhileLocked = async <T>(timeoutMs: number, call: () => T): Promise<T> => {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      return call();
    } catch (e) {
      if (!isBusy(e) || performance.now() >= until) throw storeError(e);
      await sleep(RETRY_MS);
    }
  }
};

/** Rewrites the schema's version: the smallest change that reaches the file. */
const rewriteVersion = (db: DatabaseSyncInstance): void => {
  const row = db.prepare("PRAGMA user_version").get() as { user_version: number };
  db.exec(`PRAGMA user_version = ${row.user_version}`);
};

/**
 * Empties the log first. SQLite keeps it until all statements are collected, and a copy of the database file alone would
 * lack what is in it.
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

/** Pages (about 4 MB) that are copied at once; other work goes on between two such steps. */
const COPY_PAGES = 1000;

const copy = async (db: DatabaseSyncInstance, file: string): Promise<void> => {
  try {
    // SQLite would make it readable for all users.
    await writeFile(file, "", { flag: "wx", mode: 0o600 });
    await backup(db, file, { rate: COPY_PAGES });
  } catch (e) {
    throw storeError(e);
  }
};

const faults = (db: DatabaseSyncInstance, timeoutMs: number): Promise<string[]> =>
  findFaults({ file: db.location() ?? "", timeoutMs }).catch((e: unknown) => {
    throw storeError(e);
  });

/** @param timeoutMs milliseconds to wait for a lock of another program */
export const createConnection = (
  db: DatabaseSyncInstance,
  timeoutMs: number,
  bad: BadRecords = createBadRecords(),
): Connection => {
  const write: Connection["write"] = (work, durability = "durable") =>
    retryWhileLocked(timeoutMs, () =>
      durability === "durable" ? transact(db, work) : relaxed(db, () => transact(db, work)),
    );
  const prepare = (sql: string): Statement => createStatement(db.prepare(sql));
  const read: Connection["read"] = (work) => retryWhileLocked(timeoutMs, work);
  return {
    bad,
    prepare,
    read,
    write,
    one: <R>(sql: string): Result<R | undefined> => {
      const statement = prepare(sql);
      return (...values) => read(() => statement.get(...values) as R | undefined);
    },
    all: <R>(sql: string): Result<R[]> => {
      const statement = prepare(sql);
      return (...values) => read(() => statement.all(...values) as R[]);
    },
    change: (sql, durability) => {
      const statement = prepare(sql);
      return (...values) => write(() => Number(statement.run(...values).changes), durability);
    },
    check: () => write(() => rewriteVersion(db), "relaxed"),
    faults: () => faults(db, timeoutMs),
    copy: (file) => copy(db, file),
    close: () => close(db),
  };
};
