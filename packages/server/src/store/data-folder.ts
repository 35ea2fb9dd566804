import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { isBusy, storeError } from "./store-error.ts";

/** The hold on a data folder. */
export interface Claim {
  release(): Promise<void>;
}

const PID_FILE = "server.pid";

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

/** The holder writes its process id after it has the lock, so for an instant it may be missing or an old one. */
const holderOf = async (folder: string): Promise<string> => {
  const text = await readFile(path.join(folder, PID_FILE), "utf8").catch(() => "");
  return /^\d+$/.test(text) ? text : "unknown";
};

const claim = async (folder: string): Promise<Claim> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const db = lock(path.join(folder, "lock.db"));
  if (!db) throw new HitagiError("DATA_IN_USE", { pid: await holderOf(folder) });
  await writeFile(path.join(folder, PID_FILE), String(process.pid), { mode: 0o600 });
  return {
    release: async () => {
      if (db.isOpen) db.close();
    },
  };
};

/**
 * Makes the data folder (mode 0700) where it is missing, and claims it for this process until it is released or
 * the process ends.
 * @throws HitagiError DATA_IN_USE where another server has it, STORE_FAILED where it cannot be written, DISK_FULL
 */
export const claimDataFolder = (folder: string): Promise<Claim> =>
  claim(folder).catch((e: unknown) => {
    throw storeError(e);
  });
