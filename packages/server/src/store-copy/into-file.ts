import type { StorePort } from "../store/contract/record-streams.ts";
import { openSqlitePort } from "../store/sqlite/open.ts";
import { copyRecords } from "./copy.ts";

/**
 * Writes what a store holds into a SQLite store in a new file, while others may write into the first.
 * @throws HitagiError DISK_FULL, STORE_FAILED, and what the store throws that is read
 */
export const copyIntoFile = async (source: StorePort, file: string): Promise<void> => {
  const { store, port } = await openSqlitePort(file);
  try {
    await copyRecords({ source, target: port, name: "backup" });
    await port.setMark(undefined);
  } finally {
    await store.close();
  }
};
