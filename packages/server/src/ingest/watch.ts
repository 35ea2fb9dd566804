import { type FSWatcher, watch } from "node:fs";
import path from "node:path";
import type { Logger } from "pino";
import { codeOf } from "../disk/errno.ts";

/** The result of a scan that decides when the next one is due. */
export interface ScanResult {
  /** Every folder, absolute; none if the library itself is missing; undefined for a library without folders. */
  folders: string[] | undefined;
  /** Whether files were left for the next scan, because they may still be written to. */
  unsettled: boolean;
}

/** The answer while another server scans. */
export const ELSEWHERE = "elsewhere";

export interface LibraryWatchDeps {
  /**
   * Scans the library; one call at a time.
   * @param reading must be called with each folder before it is read, so that no later change in it is missed
   */
  scan(signal: AbortSignal, reading: (folder: string) => void): Promise<ScanResult | typeof ELSEWHERE>;
  /** Milliseconds between a change and the scan. */
  settleMs: number;
  /** Milliseconds between two scans without a change; 0 scans once only. */
  everyMs: number;
  /** Milliseconds between two scans of a library that is missing. */
  awayMs?: number;
  log: Pick<Logger, "warn" | "error">;
}

/** Scans a folder at the start, when something changes in it, and at an interval. */
export interface LibraryWatch {
  start(): void;
  /** Resolves when no scan runs. */
  stop(): Promise<void>;
}

/** A pause after a scan takes this many times as long as the scan. */
const PAUSE_RATIO = 5;
/** Milliseconds before a scan that follows one of another server; it finds what that one left. */
const ELSEWHERE_MS = 1000;
/** No event announces that a folder exists again, for example because its disk was mounted. */
const AWAY_MS = 10_000;

/** Codes of errors that concern one folder: the others can be watched. */
const OF_ONE: readonly unknown[] = ["ENOENT", "EPERM", "EACCES", "ENAMETOOLONG", "ELOOP"];

/** One watcher for each folder. Its events are hints only: a scan finds what changed. */
const createFolderWatchers = (onChange: () => void, log: LibraryWatchDeps["log"]) => {
  const watchers = new Map<string, FSWatcher>();
  let failed = false;

  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const fail = (folder: string, err: unknown): void => {
    drop(folder);
    const code = codeOf(err);
    // The watcher of its parent reports a folder that was removed. The scan reports one that cannot be read.
    if (OF_ONE.includes(code) || failed) return;
    failed = true;
    log.warn({ err }, "the library cannot be watched; it is scanned at an interval only");
  };
  const add = (folder: string): void => {
    if (failed || watchers.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, (event, name) => {
        // The folder itself was renamed. Another may get its name, which this watcher would not see.
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
    add,
    /** Drops the watchers of all other folders. */
    keepOnly: (folders: readonly string[]): void => {
      for (const folder of [...watchers.keys()]) if (!folders.includes(folder)) drop(folder);
    },
  };
};

export const createLibraryWatch = (deps: LibraryWatchDeps): LibraryWatch => {
  const { scan, settleMs, everyMs, awayMs = AWAY_MS, log } = deps;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let scanning: Promise<void> | undefined;
  let changed = false;
  let took = 0;

  /** A large folder on a slow disk is not scanned all the time while something is copied into it. */
  const soon = (): number => Math.max(settleMs, PAUSE_RATIO * took);
  const scanIn = (ms: number): void => {
    if (stopping.signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(begin, ms).unref();
  };
  /** Later changes do not delay the scan, or a folder that changes all the time would never be scanned. */
  const onChange = (): void => {
    if (!changed && !scanning) scanIn(soon());
    changed = true;
  };
  const watchers = createFolderWatchers(onChange, log);

  const reading = (folder: string): void => {
    if (everyMs > 0 && !stopping.signal.aborted) watchers.add(folder);
  };
  const scanOnce = async (): Promise<ScanResult | typeof ELSEWHERE> => {
    const found = await scan(stopping.signal, reading);
    if (found !== ELSEWHERE) watchers.keepOnly(found.folders ?? []);
    return found;
  };
  /** Milliseconds until the next scan; undefined for never. */
  const nextAfter = (found: ScanResult | typeof ELSEWHERE | undefined): number | undefined => {
    if (found === ELSEWHERE) return Math.max(soon(), ELSEWHERE_MS);
    if (changed || found?.unsettled) return soon();
    if (everyMs === 0) return undefined;
    return found?.folders?.length === 0 ? Math.min(Math.max(soon(), awayMs), everyMs) : everyMs;
  };
  const begin = (): void => {
    changed = false;
    const began = performance.now();
    scanning = scanOnce()
      .catch((err: unknown) => {
        if (!stopping.signal.aborted) log.error({ err }, "the library could not be scanned");
        return undefined;
      })
      .then((found) => {
        scanning = undefined;
        took = performance.now() - began;
        const next = nextAfter(found);
        if (next !== undefined) scanIn(next);
      });
  };
  return {
    start: begin,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      watchers.keepOnly([]);
      await scanning;
    },
  };
};
