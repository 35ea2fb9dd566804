import { type HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { createOutage } from "../async/outage.ts";
import type { EventBus } from "../events/types.ts";
import type { News } from "../library/lanraragi/news.ts";
import type { Look } from "../library/library.ts";
import type { Lock, Store } from "../store/types.ts";
import type { Enqueue } from "../tasks/enqueue.ts";
import type { LibraryWatchDeps } from "./watch.ts";

export interface LanraragiIngestDeps {
  enqueue: Pick<Enqueue, "forNewArchives">;
  log: Pick<Logger, "info" | "warn">;
  events: Pick<EventBus, "publish">;
  store: Pick<Store, "locks">;
}

/** A server whose library this is has no folders to watch, and hands out no half files. */
const READ = { folders: [], unsettled: false };

/**
 * What a look at a library on another server does: the enabled metadata plugins are queued for what came since the last
 * one, and whoever listens is told. Of several servers on one store one looks, and another when that has ended or died.
 */
export const createLanraragiIngest = (
  services: LanraragiIngestDeps,
  look: Look,
): LibraryWatchDeps["read"] => {
  const { enqueue, log, events, store } = services;
  const outage = createOutage<HitagiError>({
    kindOf: ({ code }) => code,
    onBegin: (err) => log.warn({ err, hint: err.hint }, "the library could not be looked at"),
    onEnd: () => log.info("the library answers again"),
  });

  const take = async ({ added, removed, total, first }: News): Promise<void> => {
    if (first)
      log.info({ archives: total }, "the library is seen for the first time; what it holds counts as known");
    else if (added.length + removed.length > 0) {
      log.info({ added: added.length, removed: removed.length }, "the library has changed");
    }
    for (const { id, title } of added)
      events.publish({ kind: "archive", action: "added", archive: id, title });
    for (const id of removed) events.publish({ kind: "archive", action: "removed", archive: id, title: "" });
    await enqueue.forNewArchives(added.map(({ id }) => id));
  };

  /** Whoever looked last keeps the lock for its next look, so that many servers ask no more of the library than one. */
  let lock: Lock | undefined;
  const letGo = async (): Promise<void> => {
    await lock?.release();
    lock = undefined;
  };
  const isOurs = async (): Promise<boolean> => {
    await letGo();
    lock = await store.locks.tryAcquire("library:look");
    return lock !== undefined;
  };

  return async (signal) => {
    if (!(await isOurs())) return READ;
    try {
      await look(take, signal);
      outage.succeeded();
    } catch (error) {
      if (!isHitagiError(error)) throw error;
      outage.failed(error);
      // Another server may reach it.
      await letGo();
    }
    return READ;
  };
};
