import type { OpenLibrary } from "../library/library.ts";
import { createFolderIngest, type FolderIngestDeps } from "./folder.ts";
import { createLanraragiIngest, type LanraragiIngestDeps } from "./lanraragi.ts";
import { createLibraryWatch, type LibraryWatch, type LibraryWatchDeps } from "./watch.ts";

export type IngestDeps = FolderIngestDeps &
  LanraragiIngestDeps &
  Pick<LibraryWatchDeps, "log" | "settleMs"> & {
    /** Milliseconds between two scans of a folder; 0 scans once only. */
    scanEveryMs: number;
    /** Milliseconds between two polls of a LANraragi server; 0 polls once only. */
    pollEveryMs: number;
  };

/** Finds archives that others add to the library, and queues the enabled plugins for them. */
export const createIngest = (services: IngestDeps, opened: OpenLibrary): LibraryWatch => {
  const { settleMs, scanEveryMs, pollEveryMs, log } = services;
  if (opened.kind === "folder") {
    const scan = createFolderIngest(services, opened.library, settleMs);
    return createLibraryWatch({ scan, settleMs, everyMs: scanEveryMs, log });
  }
  const scan = createLanraragiIngest(services, opened.look);
  return createLibraryWatch({ scan, settleMs: 0, everyMs: pollEveryMs, log });
};
