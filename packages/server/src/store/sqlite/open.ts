import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { Store } from "../types.ts";
import { createArchiveStore } from "./archives.ts";
import { createPluginCacheStore } from "./cache.ts";
import { createCatalogStore } from "./catalog.ts";
import { type Connection, createConnection, openDatabase, patiently } from "./connection.ts";
import { storeError } from "./errors.ts";
import { createJobStore } from "./jobs.ts";
import { createLocks } from "./locks.ts";
import { migrate } from "./migrations.ts";
import { createPluginStore } from "./plugins.ts";
import { createRegistryStore } from "./registries.ts";
import { createSweep } from "./sweep.ts";

export interface SqliteOptions {
  /** The time in epoch seconds. */
  now?: () => number;
  /** Milliseconds to wait for a lock that another program holds. */
  patience?: number;
  /** Told of a removal in the background that failed. */
  onError?: (error: unknown) => void;
}

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** Settings hold secrets, so the file is nobody else's; SQLite gives its side files the same rights. */
const makeFile = async (file: string): Promise<void> => {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
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
  { now, onError }: Omit<Required<SqliteOptions>, "patience">,
): Store => {
  const sweep = createSweep(connection, onError);
  sweep.start();
  connection.prepare("DELETE FROM plugin_cache WHERE expires <= ?").run(now());
  return {
    registries: createRegistryStore(connection, sweep.start),
    catalog: createCatalogStore(connection, sweep),
    plugins: createPluginStore(connection),
    jobs: createJobStore(connection),
    archives: createArchiveStore(connection),
    cache: createPluginCacheStore(connection),
    locks: createLocks(),
    check: () => connection.check(),
    close: async () => {
      await sweep.close();
      connection.close();
    },
  };
};

/**
 * Opens the store in a SQLite file, makes or migrates it as needed.
 * @throws HitagiError STORE_FAILED (not a database, no rights, written by a newer Hitagi), STORE_LOCKED, DISK_FULL
 */
export const openSqliteStore = async (file: string, options: SqliteOptions = {}): Promise<Store> => {
  const { now = () => Date.now() / 1000, patience = 2000, onError = warn } = options;
  await makeFile(file).catch((e: unknown) => {
    throw storeError(e);
  });
  const db = await patiently(patience, () => openMigrated(file));
  return assemble(createConnection(db, patience), { now, onError });
};
