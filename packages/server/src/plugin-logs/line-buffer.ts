import type { Logger } from "pino";
import { coalesce } from "../async/coalesce.ts";
import { createOutage } from "../async/outage.ts";
import type { StoredLine } from "../store/types.ts";

type Line = Omit<StoredLine, "id">;

/** Milliseconds that a line waits for others before all of them are stored at once, and after a failure. */
const [FLUSH_MS, RETRY_MS] = [200, 2000];
/** Lines that are stored at once. */
const BATCH = 500;
/** Lines in memory while the store is slow or cannot be reached; the oldest go first. */
const MAX_WAITING = 2000;

export interface LineBufferDeps {
  /** Stores lines. */
  store(lines: readonly Line[]): Promise<void>;
  /** Called after lines were stored. */
  onStored(lines: readonly Line[]): void;
  log: Pick<Logger, "warn">;
}

/** Gathers lines and stores them in batches, so that a call costs no command of the store for each. */
export const createLineBuffer = ({ store, onStored, log }: LineBufferDeps) => {
  let waiting: Line[] = [];
  let timer: NodeJS.Timeout | undefined;
  let lost = 0;
  const outage = createOutage({
    onBegin: (err) => log.warn({ err }, "lines of plugins' logs cannot be stored; the newest ones wait"),
    onEnd: () => {
      if (lost > 0) log.warn({ lines: lost }, "lines of plugins' logs are lost");
      lost = 0;
    },
  });

  const schedule = (ms: number): void => {
    timer ??= setTimeout(() => flushing.next().catch(outage.failed), ms).unref();
  };
  const keepNewest = (lines: Line[]): void => {
    lost += Math.max(0, lines.length - MAX_WAITING);
    waiting = lines.slice(-MAX_WAITING);
  };
  const flushing = coalesce(async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH);
      try {
        await store(batch);
      } catch (e) {
        keepNewest([...batch, ...waiting]);
        schedule(RETRY_MS);
        throw e;
      }
      outage.succeeded();
      onStored(batch);
    }
  });

  return {
    add: (line: Line): void => {
      waiting.push(line);
      if (waiting.length > MAX_WAITING) keepNewest(waiting);
      schedule(FLUSH_MS);
    },
    /** Stores what waits. It does not reject: lines that could not be stored go on waiting. */
    flush: async (): Promise<void> => {
      await flushing.ended();
      if (waiting.length > 0) await flushing.next().catch(outage.failed);
    },
    close: (): void => clearTimeout(timer),
  };
};
