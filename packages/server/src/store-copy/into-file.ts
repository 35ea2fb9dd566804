import type { TransferSide } from "../store/contract/record-streams.ts";
import { openSqliteSide } from "../store/sqlite/open.ts";
import { copyRecords } from "./copy.ts";

/**
 * Writes what a store holds into a SQLite store in a new file, while others may write into the first.
 * @throws HitagiError DISK_FULL, STORE_FAILED, and what the store throws that is read
 */
export const copyIntoFile = async (source: TransferSide, file: string): Promise<void> => {
  const { store, side } = await openSqliteSide(file);
  try {
    await copyRecords({ source, target: side, name: "backup" });
    await side.setMark(undefined);
  } finally {
    await store.close();
  }
};
