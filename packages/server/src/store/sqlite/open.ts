import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { storeError } from "../../disk/errors.ts";
import { restrictToOwner } from "../../disk/files.ts";
import { makeFolder } from "../../disk/folders.ts";
import { createBadRecords } from "../bad-records.ts";
import type { StorePort } from "../contract/record-streams.ts";
import { findBadRecords } from "../record-streams.ts";
import type { Store, StoreOptions } from "../types.ts";
import { createArchiveStore, createSeenArchiveStore } from "./archives.ts";
import { createBatchStore } from "./batches.ts";
import { createPluginCacheStore } from "./cache.ts";
import { createCatalogStore } from "./catalog.ts";
import { createCategoryStore } from "./categories.ts";
import { type Connection, createConnection, openDatabase, retryWhileLocked } from "./connection.ts";
import { createDocumentStore } from "./documents.ts";
import { createIndexFiles, type Generations, type IndexFiles, openGenerations } from "./generations.ts";
import { createHistoryStore } from "./history.ts";
import { createJobStore } from "./jobs.ts";
import { createKeyStore } from "./keys.ts";
import { createLocks } from "./locks.ts";
import { migrate } from "./migrations.ts";
import { createPluginLogStore } from "./plugin-logs.ts";
import { createPluginStore } from "./plugins.ts";
import { createRegistryStore } from "./registries.ts";
import { createSeenVersionStore } from "./seen-versions.ts";
import { createStorePort } from "./store-port.ts";
import { createTrustStore } from "./trust.ts";

export interface SqliteOptions extends Pick<StoreOptions, "onError" | "onBadRecord"> {
  /** The time in epoch seconds. */
  now?: () => number;
  /** Milliseconds to wait for a lock of another program. */
  lockTimeoutMs?: number;
}

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/**
 * Settings hold secrets, so only the owner may read the file; SQLite gives its side files the same rights. A file that
 * exists is not opened here: closing it would release the locks of this process on it (POSIX fcntl).
 */
const makeFile = async (file: string): Promise<void> => {
  if (existsSync(file)) {
    // Another user who can read it can lock it too. Only its owner can change that.
    await restrictToOwner(file).catch(() => false);
    return;
  }
  await makeFolder(path.dirname(file), 0o700);
  const handle = await open(file, "a", 0o600);
  await handle.close();
};

const openMigrated = (file: string): DatabaseSyncInstance => {
  const db = openDatabase(file);
  try {
    migrate(db);
    return db;
  } catch (e) {
    db.close();
    throw e;
  }
};

const assemble = (
  connection: Connection,
  files: IndexFiles,
  generations: Generations,
  now: () => number,
  locks = createLocks(),
): Omit<Store, "badRecords"> => ({
  registries: createRegistryStore(connection, generations.collect),
  catalog: createCatalogStore(connection, files, generations, locks.isHeld),
  plugins: createPluginStore(connection, locks.isHeld),
  jobs: createJobStore(connection),
  batches: createBatchStore(connection),
  archives: createArchiveStore(connection),
  known: createSeenArchiveStore(connection),
  categories: createCategoryStore(connection),
  documents: createDocumentStore(connection),
  seenVersions: createSeenVersionStore(connection),
  trust: createTrustStore(connection),
  keys: createKeyStore(connection),
  history: createHistoryStore(connection),
  pluginLogs: createPluginLogStore(connection),
  cache: createPluginCacheStore(connection, now),
  locks,
  check: () => connection.check(),
  faults: () => connection.faults(),
  copy: async (place) => {
    // Before and after the database, as files come and go meanwhile. A copy that lacks a file drops that index when it is opened.
    await files.copy(`${place}-catalog`);
    await connection.copy(place);
    await files.copy(`${place}-catalog`);
  },
  close: async () => {
    await generations.close();
    connection.close();
  },
});

/** A store with its port for a copy. */
export interface OpenPort {
  store: Store;
  port: StorePort;
}

/**
 * Opens the store in a SQLite file for a copy from it or into it, even if a copy into it is unfinished. Makes or migrates
 * the file as needed.
 * @throws HitagiError STORE_FAILED (not a database, no rights), STORE_NEWER, STORE_LOCKED, DISK_FULL
 */
export const openSqlitePort = async (file: string, options: SqliteOptions = {}): Promise<OpenPort> => {
  const { now = () => Date.now() / 1000, lockTimeoutMs = 2000, onError = warn, onBadRecord } = options;
  await makeFile(file).catch((e: unknown) => {
    throw storeError(e);
  });
  const db = await retryWhileLocked(lockTimeoutMs, () => openMigrated(file));
  const connection = createConnection(db, lockTimeoutMs, createBadRecords(onBadRecord));
  const files = createIndexFiles(`${file}-catalog`, connection.bad);
  const generations = await openGenerations({ connection, files, onError }).catch((e: unknown) => {
    connection.close();
    throw storeError(e);
  });
  const parts = assemble(connection, files, generations, now);
  const port = createStorePort(connection, parts);
  return { store: { ...parts, badRecords: () => findBadRecords(connection.bad, port) }, port };
};

/**
 * Opens the store in a SQLite file, makes or migrates it as needed.
 * @throws HitagiError STORE_UNFINISHED, and what {@link openSqlitePort} throws
 */
export const openSqliteStore = async (file: string, options: SqliteOptions = {}): Promise<Store> => {
  const { store, port } = await openSqlitePort(file, options);
  if (!(await port.mark())) return store;
  await store.close();
  throw new HitagiError("STORE_UNFINISHED");
};
