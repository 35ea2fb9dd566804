import type { Config } from "../config/config.ts";
import type { OpenLibrary } from "../library/library.ts";
import { createFolderIngest, type FolderIngestDeps } from "./folder.ts";
import { createLanraragiIngest, type LanraragiIngestDeps } from "./lanraragi.ts";
import { createLibraryWatch, type LibraryWatch, type LibraryWatchDeps } from "./watch.ts";

export type IngestDeps = FolderIngestDeps &
  LanraragiIngestDeps &
  Pick<LibraryWatchDeps, "log"> & { config: Pick<Config, "settle" | "scanMinutes" | "libraryPoll"> };

/** Finds archives that others add to the library, and queues the enabled plugins for them. */
export const createIngest = (services: IngestDeps, opened: OpenLibrary): LibraryWatch => {
  const { config, log } = services;
  if (opened.kind === "folder") {
    const settleMs = config.settle * 1000;
    const scan = createFolderIngest(services, opened.library, settleMs);
    return createLibraryWatch({ scan, settleMs, everyMs: config.scanMinutes * 60_000, log });
  }
  const scan = createLanraragiIngest(services, opened.look);
  return createLibraryWatch({ scan, settleMs: 0, everyMs: config.libraryPoll * 1000, log });
};
