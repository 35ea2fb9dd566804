import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { openShare } from "../artifacts/shares/shares.ts";
import type { Config } from "../config/config.ts";
import { readAuthorities, readNetwork } from "../config/network.ts";
import { claimPlaces } from "../data-folder/locks.ts";
import { openStore, openStoreCopy } from "../store/store.ts";
import { createBackups } from "./backups.ts";
import { placesOf } from "./places.ts";
import type { RestoreDeps } from "./restore.ts";
import { finishSwap, removeGathered } from "./swap.ts";

/** Whether a server was ever started on these places. */
export const isKeptHere = (config: Config): boolean => {
  const { store, data } = placesOf(config);
  return existsSync(store ?? data);
};

/**
 * Does work on a server's places while no server is on them.
 * @throws HitagiError DATA_IN_USE, and what the work throws
 */
export const whileStopped = async <T>(
  config: Config,
  work: (deps: RestoreDeps) => Promise<T>,
): Promise<T> => {
  const claim = await claimPlaces(config);
  try {
    return await work({ places: placesOf(config), openCopy: openStoreCopy });
  } finally {
    await claim.release();
  }
};

/** Makes a backup of a server that is not running, and hands it on. @throws HitagiError DATA_IN_USE, STORE_FAILED */
export const backupStopped = (
  config: Config,
  library: boolean,
  use: (backup: Readable) => Promise<void>,
): Promise<void> =>
  whileStopped(config, async ({ places, openCopy }) => {
    await finishSwap(places);
    const store = await openStore(config.store, { ca: readAuthorities(config) });
    const share = openShare(config, readNetwork(config));
    try {
      const quiet = { onError: () => {}, log: { warn: () => {} } };
      await use(await createBackups({ places, store, share, openCopy, ...quiet }).make(library));
    } finally {
      await share?.close();
      await store.close();
      await removeGathered(places);
    }
  });
