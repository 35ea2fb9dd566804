import { isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { FolderLibrary } from "../library/folder.ts";
import type { SyncReport } from "../library/sync.ts";
import type { Store } from "../store/types.ts";
import type { Enqueue } from "../tasks/enqueue.ts";
import { ELSEWHERE, type LibraryWatchDeps } from "./watch.ts";

export interface FolderIngestDeps {
  enqueue: Pick<Enqueue, "forNewArchives">;
  log: Pick<Logger, "info" | "warn">;
  store: Pick<Store, "known" | "locks">;
}

/** Logs what a scan found, and each skipped file once. */
const createReporting = (log: FolderIngestDeps["log"]) => {
  let reported = new Set<string>();
  let missingBefore = 0;
  return (synced: SyncReport): void => {
    const [added, moved] = [synced.added.length, synced.moved.length];
    const [replaced, missing] = [synced.replaced.length, synced.missing.length];
    if (added + moved + replaced > 0 || missing !== missingBefore) {
      log.info({ added, moved, replaced, missing }, "the library was scanned");
    }
    missingBefore = missing;
    const now = synced.skipped.map(({ file, reason }) => ({ file, reason, key: `${file}\n${reason}` }));
    for (const { file, reason, key } of now) {
      if (!reported.has(key)) log.warn({ file, reason }, "a file was not added to the library");
    }
    reported = new Set(now.map(({ key }) => key));
  };
};

/** Where the store keeps the ids of added archives whose plugins are not queued yet. */
const PENDING = "folder";

const existing = async (library: Pick<FolderLibrary, "get">, ids: Iterable<string>): Promise<string[]> => {
  const found: string[] = [];
  for (const id of ids) {
    try {
      found.push((await library.get(id)).id);
    } catch (error) {
      if (!isHitagiError(error, "ARCHIVE_NOT_FOUND")) throw error;
    }
  }
  return found;
};

/**
 * Scans the library's folder: adds new archives, and queues the enabled metadata plugins for them and for those that a
 * process added before it died. Of several servers on one store, one scans at a time.
 */
export const createFolderIngest = (
  { enqueue, log, store: { known, locks } }: FolderIngestDeps,
  library: Pick<FolderLibrary, "sync" | "get">,
  settleMs: number,
): LibraryWatchDeps["scan"] => {
  const report = createReporting(log);
  return async (signal, reading) => {
    const lock = await locks.tryAcquire("library:read");
    if (lock === undefined) return ELSEWHERE;
    try {
      const pending = (await known.of(PENDING)) ?? [];
      const arriving = (id: string) => known.change(PENDING, [id], []);
      const synced = await library.sync({ signal, settleMs, arriving, reading });
      report(synced);
      const ids = [...new Set([...(await existing(library, pending)), ...synced.added.map(({ id }) => id)])];
      await enqueue.forNewArchives(ids);
      const done = [...pending, ...ids];
      if (done.length > 0) await known.change(PENDING, [], done);
      return { folders: synced.folders, unsettled: synced.unsettled.length > 0 };
    } finally {
      await lock.release();
    }
  };
};
