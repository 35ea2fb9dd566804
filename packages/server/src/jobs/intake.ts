import type { Logger } from "pino";
import type { FolderLibrary } from "../library/folder.ts";
import type { SyncReport } from "../library/sync.ts";
import type { LibraryWatchDeps } from "../library/watch.ts";
import type { Services } from "../services.ts";
import { enqueueForNew } from "./tasks.ts";

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

/**
 * What a reading of the library's folder does: archives that others put there are taken in, and the enabled metadata
 * plugins are queued for the new ones.
 */
export const createIntake = (
  services: Pick<Services, "plugins" | "jobs" | "log">,
  library: Pick<FolderLibrary, "sync">,
  settleMs: number,
): LibraryWatchDeps["read"] => {
  const report = createReporting(services.log);
  return async (signal) => {
    const synced = await library.sync({ signal, settleMs });
    report(synced);
    const ids = synced.added.map(({ id }) => id);
    if (ids.length > 0) await enqueueForNew(services, ids);
    return { folders: synced.folders, unsettled: synced.unsettled.length > 0 };
  };
};
