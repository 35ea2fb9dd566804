import { type FSWatcher, watch } from "node:fs";
import path from "node:path";
import type { Logger } from "pino";
import { codeOf } from "../disk/errno.ts";

/** What a reading of the folder tells about the next. */
export interface Reading {
  /** Every folder there is now, absolute; none where the library itself is away. */
  folders: string[];
  /** Whether files were left for the next time, because they may still be written to. */
  unsettled: boolean;
}

/** Said where another server reads at this moment. */
export const ELSEWHERE = "elsewhere";

export interface LibraryWatchDeps {
  /** Reads the folder; never called while it is running. */
  read(signal: AbortSignal): Promise<Reading | typeof ELSEWHERE>;
  /** Milliseconds after a change until the folder is read. */
  settleMs: number;
  /** Milliseconds between two readings where nothing is seen to change; 0 reads the folder once and never again. */
  everyMs: number;
  /** Milliseconds after which a library that is away is looked for again. */
  awayMs?: number;
  log: Pick<Logger, "warn" | "error">;
}

/** Reads a folder at the start, when something changes in it, and now and then. */
export interface LibraryWatch {
  start(): void;
  /** Resolves when no reading runs any more. */
  stop(): Promise<void>;
}

/** How many times as long as a reading took nothing is read after it. */
const PAUSE_RATIO = 5;
/** Milliseconds after which a folder is read at the earliest that another server was reading; what that left is found then. */
const ELSEWHERE_MS = 1000;
/** Nothing tells that a folder is there again: its disk was mounted, or it was given its name back. */
const AWAY_MS = 10_000;

/** One watcher a folder. Its events are hints only: what changed is found by reading. */
const createFolderWatchers = (onChange: () => void, log: LibraryWatchDeps["log"]) => {
  const watchers = new Map<string, FSWatcher>();
  let refused = false;

  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const fail = (folder: string, err: unknown): void => {
    drop(folder);
    const code = codeOf(err);
    // A folder that went away is no matter: its parent has told.
    if (code === "ENOENT" || code === "EPERM" || refused) return;
    refused = true;
    log.warn({ err }, "the library cannot be watched; it is read now and then all the same");
  };
  const add = (folder: string): void => {
    try {
      const watcher = watch(folder, { persistent: false }, (event, name) => {
        // The folder itself went away. Another may get its name, which this watcher would say nothing of.
        if (event === "rename" && name === path.basename(folder)) drop(folder);
        onChange();
      });
      watcher.on("error", (err) => fail(folder, err));
      watchers.set(folder, watcher);
    } catch (err) {
      fail(folder, err);
    }
  };
  return {
    follow: (folders: string[]): void => {
      const wanted = new Set(folders);
      for (const folder of watchers.keys()) if (!wanted.has(folder)) drop(folder);
      for (const folder of folders) if (!watchers.has(folder) && !refused) add(folder);
    },
    close: (): void => {
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
};

export const createLibraryWatch = (deps: LibraryWatchDeps): LibraryWatch => {
  const { read, settleMs, everyMs, awayMs = AWAY_MS, log } = deps;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> | undefined;
  let changed = false;
  let took = 0;

  /** A large folder on a slow disk is not read all the time while something is copied into it. */
  const soon = (): number => Math.max(settleMs, PAUSE_RATIO * took);
  const readIn = (ms: number): void => {
    if (stopping.signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(begin, ms).unref();
  };
  /** Later changes do not put it off: a folder in which something always changes is read all the same. */
  const onChange = (): void => {
    if (!changed && !reading) readIn(soon());
    changed = true;
  };
  const watchers = createFolderWatchers(onChange, log);

  const readOnce = async (): Promise<Reading | typeof ELSEWHERE> => {
    const found = await read(stopping.signal);
    if (found === ELSEWHERE) return found;
    if (everyMs > 0 && !stopping.signal.aborted) watchers.follow(found.folders);
    return found;
  };
  /** After how many milliseconds the next reading is due; undefined for never. */
  const nextAfter = (found: Reading | typeof ELSEWHERE | undefined): number | undefined => {
    if (found === ELSEWHERE) return Math.max(soon(), ELSEWHERE_MS);
    // A file that is still written to is looked at again, also where nothing more is ever read by itself.
    if (changed || found?.unsettled) return soon();
    if (everyMs === 0) return undefined;
    return found?.folders.length === 0 ? Math.min(Math.max(soon(), awayMs), everyMs) : everyMs;
  };
  const begin = (): void => {
    changed = false;
    const began = performance.now();
    reading = readOnce()
      .catch((err: unknown) => {
        if (!stopping.signal.aborted) log.error({ err }, "the library could not be read");
        return undefined;
      })
      .then((found) => {
        reading = undefined;
        took = performance.now() - began;
        const next = nextAfter(found);
        if (next !== undefined) readIn(next);
      });
  };
  return {
    start: begin,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      watchers.close();
      await reading;
    },
  };
};
