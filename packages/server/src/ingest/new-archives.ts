import type { OpenLibrary } from "../library/library.ts";
import type { Services } from "../services.ts";
import { createIntake } from "./folder.ts";
import { createPolling } from "./lanraragi.ts";
import { createLibraryWatch, type LibraryWatch } from "./watch.ts";

/** Finds out what others bring to the library, in the way that it has, and has the enabled plugins run on it. */
export const createArrivals = (services: Services, opened: OpenLibrary): LibraryWatch => {
  const { config, log } = services;
  if (opened.kind === "folder") {
    const settleMs = config.settle * 1000;
    const read = createIntake(services, opened.library, settleMs);
    return createLibraryWatch({ read, settleMs, everyMs: config.scanMinutes * 60_000, log });
  }
  const read = createPolling(services, opened.look);
  return createLibraryWatch({ read, settleMs: 0, everyMs: config.libraryPoll * 1000, log });
};
