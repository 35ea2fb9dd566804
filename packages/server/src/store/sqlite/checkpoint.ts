import { once } from "node:events";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";

/** Runs as CommonJS in a thread of its own, so that it needs no file of its own in a bundle. */
const SCRIPT = `
  const { workerData } = require("node:worker_threads");
  const { DatabaseSync } = require(workerData.driver);
  const db = new DatabaseSync(workerData.file);
  try {
    db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } finally {
    db.close();
  }
`;

/**
 * Moves what is in the write-ahead log into the database, on another thread: after a large write this takes a
 * tenth of a second, most of it waiting for the disk, and the server would answer nobody meanwhile. Neither readers
 * nor writers wait for it.
 */
export const checkpointAside = async (file: string): Promise<void> => {
  const driver = createRequire(import.meta.url).resolve("@photostructure/sqlite");
  const worker = new Worker(SCRIPT, { eval: true, execArgv: [], workerData: { driver, file } });
  // Rejects where the thread throws.
  await once(worker, "exit");
};
