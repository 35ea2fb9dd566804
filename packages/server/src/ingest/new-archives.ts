import type { OpenLibrary } from "../library/library.ts";
import type { Services } from "../services.ts";
import { createFolderIngest } from "./folder.ts";
import { createLanraragiIngest } from "./lanraragi.ts";
import { createLibraryWatch, type LibraryWatch } from "./watch.ts";

/** Finds out what others bring to the library, in the way that it has, and has the enabled plugins run on it. */
export const createIngest = (services: Services, opened: OpenLibrary): LibraryWatch => {
  const { config, log } = services;
  if (opened.kind === "folder") {
    const settleMs = config.settle * 1000;
    const read = createFolderIngest(services, opened.library, settleMs);
    return createLibraryWatch({ read, settleMs, everyMs: config.scanMinutes * 60_000, log });
  }
  const read = createLanraragiIngest(services, opened.look);
  return createLibraryWatch({ read, settleMs: 0, everyMs: config.libraryPoll * 1000, log });
};
