import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { openShare } from "../artifacts/shares/shares.ts";
import type { Config } from "../config/config.ts";
import { readNetwork, storeConnection } from "../config/network.ts";
import { lockFolders } from "../data-folder/locks.ts";
import { openStore, openStoreCopy } from "../store/store.ts";
import { asOwnerOf } from "./as-owner.ts";
import { createBackups } from "./backups.ts";
import type { RestoreDeps } from "./check-content.ts";
import { serverFolders } from "./server-folders.ts";
import { finishSwap, removeSnapshots } from "./swap.ts";

/** Whether a server ever ran with this configuration. */
export const hasServerData = (config: Config): boolean => {
  const { storeFile, data } = serverFolders(config);
  return existsSync(storeFile ?? data);
};

/**
 * Runs work on a server's folders while they are locked, as the owner of the data folder. Files of other places must be open already.
 * @throws HitagiError DATA_IN_USE, and the errors of the work
 */
export const whileStopped = <T>(config: Config, work: (deps: RestoreDeps) => Promise<T>): Promise<T> =>
  asOwnerOf(config.data, async () => {
    const folders = serverFolders(config);
    const locks = await lockFolders(folders);
    try {
      return await work({ folders, openCopy: openStoreCopy });
    } finally {
      await locks.release();
    }
  });

/** Backs up a server that does not run. @throws HitagiError DATA_IN_USE, STORE_FAILED */
export const backUpStoppedServer = (
  config: Config,
  library: boolean,
  use: (backup: Readable) => Promise<void>,
): Promise<void> =>
  whileStopped(config, async ({ folders, openCopy }) => {
    await finishSwap(folders);
    const store = await openStore(config.store, storeConnection(config));
    const share = openShare(config, readNetwork(config));
    try {
      const quiet = { onError: () => {}, log: { warn: () => {} } };
      await use(await createBackups({ folders, store, share, openCopy, ...quiet }).make(library));
    } finally {
      await share?.close();
      await store.close();
      await removeSnapshots(folders);
    }
  });
