import { isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { FolderLibrary } from "../library/folder.ts";
import type { SyncReport } from "../library/sync.ts";
import type { Store } from "../store/types.ts";
import type { Enqueue } from "../tasks/enqueue.ts";
import { ELSEWHERE, type LibraryWatchDeps, type Reading } from "./watch.ts";

/** Tells what a reading found, and of a file that is passed by only once. */
const createReporting = (log: Pick<Logger, "info" | "warn">) => {
  let told = new Set<string>();
  let missingBefore = 0;
  return ({ added, moved, replaced, missing, skipped }: SyncReport): void => {
    const lost = missing.length;
    const counts = { added: added.length, moved: moved.length, replaced: replaced.length, missing: lost };
    const isNews = added.length + moved.length + replaced.length > 0 || lost !== missingBefore;
    if (isNews) log.info(counts, "the library was read");
    missingBefore = lost;
    const now = skipped.map(({ file, reason }) => ({ file, reason, key: `${file}\n${reason}` }));
    for (const { file, reason, key } of now) {
      if (!told.has(key)) log.warn({ file, reason }, "not taken into the library");
    }
    told = new Set(now.map(({ key }) => key));
  };
};

/** Where the ids stand of archives that were taken in and whose plugins are not queued yet. */
const TAKEN_IN = "folder";

export interface FolderIngestDeps {
  enqueue: Pick<Enqueue, "forNewArchives">;
  log: Pick<Logger, "info" | "warn">;
  store: Pick<Store, "known" | "locks">;
}

/** Those that are still there. */
const existing = async (library: Pick<FolderLibrary, "get">, ids: Iterable<string>): Promise<string[]> => {
  const found: string[] = [];
  for (const id of ids) {
    const isThere = await library.get(id).then(
      () => true,
      (error: unknown) => {
        if (isHitagiError(error, "ARCHIVE_NOT_FOUND")) return false;
        throw error;
      },
    );
    if (isThere) found.push(id);
  }
  return found;
};

/**
 * What a reading of the library's folder does: archives that others put there are taken in, and the enabled metadata
 * plugins are queued for the new ones, also for those that a process took in which died before it came to that. Of several servers on
 * one store one reads at a time.
 */
export const createFolderIngest = (
  services: FolderIngestDeps,
  library: Pick<FolderLibrary, "sync" | "get">,
  settleMs: number,
): LibraryWatchDeps["read"] => {
  const { known, locks } = services.store;
  const report = createReporting(services.log);

  const read = async (signal: AbortSignal): Promise<Reading> => {
    const left = (await known.of(TAKEN_IN)) ?? [];
    const arriving = (id: string) => known.change(TAKEN_IN, [id], []);
    const synced = await library.sync({ signal, settleMs, arriving });
    report(synced);
    const ids = [...new Set([...(await existing(library, left)), ...synced.added.map(({ id }) => id)])];
    await services.enqueue.forNewArchives(ids);
    const done = [...left, ...ids];
    if (done.length > 0) await known.change(TAKEN_IN, [], done);
    return { folders: synced.folders, unsettled: synced.unsettled.length > 0 };
  };

  return async (signal) => {
    const lock = await locks.tryAcquire("library:read");
    if (lock === undefined) return ELSEWHERE;
    try {
      return await read(signal);
    } finally {
      await lock.release();
    }
  };
};
