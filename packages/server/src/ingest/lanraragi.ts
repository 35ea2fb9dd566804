import { type HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { createOutage } from "../async/outage.ts";
import type { EventBus } from "../events/types.ts";
import type { News } from "../library/lanraragi/news.ts";
import type { Look } from "../library/library.ts";
import type { Lock, Store } from "../store/types.ts";
import type { Enqueue } from "../tasks/enqueue.ts";
import type { ScanResult } from "./watch.ts";

export interface LanraragiIngestDeps {
  enqueue: Pick<Enqueue, "forNewArchives">;
  log: Pick<Logger, "info" | "warn">;
  events: Pick<EventBus, "publish">;
  store: Pick<Store, "locks">;
}

/** A LANraragi server has no folders to watch, and lists complete files only. */
const SCANNED = { folders: undefined, unsettled: false };

/**
 * Polls a library on a LANraragi server: queues the enabled metadata plugins for what was added since the last poll,
 * and publishes the changes. Of several servers on one store, one polls until it ends, dies or loses the library.
 */
export const createLanraragiIngest = (
  { enqueue, log, events, store }: LanraragiIngestDeps,
  look: Look,
): ((signal: AbortSignal) => Promise<ScanResult>) => {
  const outage = createOutage<HitagiError>({
    kindOf: ({ code }) => code,
    onBegin: (err) => log.warn({ err, hint: err.hint }, "the library cannot be reached"),
    onEnd: () => log.info("the library answers again"),
  });

  const take = async ({ added, removed, total, first }: News): Promise<void> => {
    if (first)
      log.info({ archives: total }, "the library is polled for the first time; its archives count as known");
    else if (added.length + removed.length > 0) {
      log.info({ added: added.length, removed: removed.length }, "the library has changed");
    }
    for (const { id, title } of added) {
      events.publish({ kind: "archive", action: "added", archive: id, title });
    }
    for (const id of removed) events.publish({ kind: "archive", action: "removed", archive: id, title: "" });
    await enqueue.forNewArchives(added.map(({ id }) => id));
  };

  /** The server that polled last keeps the lock until its next poll, so that the others do not poll in between. */
  let lock: Lock | undefined;
  const release = async (): Promise<void> => {
    await lock?.release();
    lock = undefined;
  };

  return async (signal) => {
    await release();
    lock = await store.locks.tryAcquire("library:look");
    if (lock === undefined) return SCANNED;
    try {
      await look(take, signal);
      outage.succeeded();
    } catch (error) {
      if (!isHitagiError(error)) throw error;
      outage.failed(error);
      // Another server may reach it.
      await release();
    }
    return SCANNED;
  };
};
