import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { claimStoreFile } from "../data-folder/locks.ts";
import { keepApiKey, readApiKey } from "../keys/api-key-file.ts";
import { openSqliteSide } from "../store/sqlite/open.ts";
import { folderShelf } from "./artifacts.ts";
import type { EndOptions, Role, TransferEnd } from "./end.ts";

/**
 * Opens a SQLite file as an end of a copy; a target that is not there is made.
 * @throws HitagiError STORE_NOT_THERE, DATA_IN_USE, STORE_FAILED, STORE_LOCKED, DISK_FULL
 */
export const openSqliteEnd = async (
  file: string,
  role: Role,
  { data = path.dirname(path.resolve(file)), held }: EndOptions,
): Promise<TransferEnd> => {
  if (role === "source" && !existsSync(file)) throw new HitagiError("STORE_NOT_THERE");
  const release = await claimStoreFile(file, data === held ? undefined : data);
  const opened = await openSqliteSide(file).catch(async (e: unknown) => {
    await release();
    throw e;
  });
  const { store, side } = opened;
  return {
    side,
    artifacts: folderShelf(data),
    data,
    name: createHash("sha256")
      .update(`sqlite:${await realpath(file)}`)
      .digest("hex"),
    ownKeys: async () => ({ first: await readApiKey(data) }),
    keepKeys: async ({ shared, first }) => {
      const key = shared ?? first;
      return key === undefined || (await keepApiKey(data, key)) === key;
    },
    // The lock of its file is held.
    refuseUse: async () => {},
    close: async () => {
      await store.close();
      await release();
    },
  };
};
