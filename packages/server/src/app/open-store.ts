import { existsSync } from "node:fs";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { serverFolders } from "../backup/server-folders.ts";
import { finishSwap, removeSnapshots } from "../backup/swap.ts";
import { waitingFolder } from "../backup/waiting.ts";
import { readCachedIndex } from "../catalog/index-check.ts";
import type { Config } from "../config/config.ts";
import { storeConnection } from "../config/network.ts";
import { type FolderLocks, lockFolders } from "../data-folder/locks.ts";
import { ownLibraryFolder } from "../library/place.ts";
import { openStore, openStoreCopy } from "../store/store.ts";
import type { Store } from "../store/types.ts";

/** A store whose folders are locked for this server. */
export interface LockedStore {
  store: Store;
  /** @throws HitagiError LIBRARY_DIFFERS where other servers on the store have another library */
  checkLibrary(): Promise<void>;
  /** Closes the store, and frees the folders. */
  close(): Promise<void>;
}

const open = (config: Config, log: Logger): Promise<Store> =>
  openStore(config.store, {
    onError: (err) => {
      const level = isHitagiError(err, "STORE_UNREACHABLE") ? "warn" : "error";
      log[level]({ err }, "the store failed in the background");
    },
    onBadRecord: (record) =>
      log.warn(
        record,
        "a record in the store cannot be used and is left out; correct or delete it, `hitagi doctor` shows all of them",
      ),
    onAdvice: (advice) => log.warn(advice),
    readIndex: readCachedIndex,
    ...storeConnection(config),
    bytesElsewhere: config.artifacts !== "",
  });

/** Locks the library's folder among the servers on this store, and checks that it is theirs. */
const lockLibrary = async (store: Store, locks: FolderLocks): Promise<LockedStore["checkLibrary"]> => {
  const { shared } = store;
  const library = shared && (await locks.lockSharedLibrary(shared.id));
  const checkLibrary = async (): Promise<void> => {
    if (library !== undefined && (await shared?.nodes.isLibrary(library)) === false)
      throw new HitagiError("LIBRARY_DIFFERS");
  };
  await checkLibrary();
  return checkLibrary;
};

/**
 * Locks the folders, finishes a restore that was interrupted, carries out the one that waits, and opens the store.
 * @throws HitagiError DATA_IN_USE, LIBRARY_OF_OTHERS, LIBRARY_DIFFERS, and what the store throws
 */
export const openLockedStore = async (config: Config, log: Logger): Promise<LockedStore> => {
  const folders = serverFolders(config);
  // A store that is no file may be shared by several servers, and so may its library.
  const locks = await lockFolders(folders, {
    sharesLibrary: folders.storeFile === undefined,
    leavesMissingLibrary: ownLibraryFolder(config) === undefined,
  });
  let store: Store | undefined;
  const close = async (): Promise<void> => {
    await store?.close();
    await locks.release();
  };
  try {
    await finishSwap(folders);
    await removeSnapshots(folders);
    if (existsSync(waitingFolder(folders))) {
      // Seldom needed, and tar is large.
      const { carryOutWaiting } = await import("../backup/at-start.ts");
      await carryOutWaiting({ folders, openCopy: openStoreCopy }, log);
    }
    store = await open(config, log);
    const checkLibrary = await lockLibrary(store, locks);
    for (const { setting, error } of locks.unlockable) {
      log.warn({ setting, err: error }, "this folder cannot be locked: a second server could use it too");
    }
    return { store, checkLibrary, close };
  } catch (e) {
    await close();
    throw e;
  }
};
