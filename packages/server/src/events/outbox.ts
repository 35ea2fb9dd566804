import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { createOutage } from "../async/outage.ts";
import type { Feed } from "../store/types.ts";

/** What waits while the feed is away; beyond that the oldest go, of which a reader could not be told either. */
const ROOM = 1000;
/** Milliseconds between two tries. */
const RETRY_MS = 500;

/** What was announced and is not in the feed yet. */
export interface Outbox {
  /** Never throws and never waits. */
  put(text: string): void;
  /** Resolves once all that was put is in the feed, or that was tried and failed. */
  tried(): Promise<void>;
  /** Waits for what is being sent, unless the feed is away, and sends nothing more. */
  close(): Promise<void>;
}

/** Sends announcements to a feed in their order, as many at once as have come meanwhile, each once. */
export const createOutbox = (feed: Pick<Feed, "add">, log: Pick<Logger, "warn">): Outbox => {
  const closing = new AbortController();
  let waiting: string[] = [];
  let lost = 0;
  const outage = createOutage({
    onBegin: (err) => log.warn({ err }, "events cannot be told at the moment"),
  });
  let sending = false;
  let waiters: (() => void)[] = [];

  const wakeAll = (): void => {
    for (const wake of waiters) wake();
    waiters = [];
  };
  const sent = (): void => {
    if (lost > 0) log.warn({ events: lost }, "events were not told: the store was away for too long");
    lost = 0;
    outage.succeeded();
  };
  const failed = (err: unknown): void => {
    outage.failed(err);
    wakeAll();
  };
  /** What may have come in although its answer was lost is sent under its name again. */
  const send = async (batch: string, texts: string[]): Promise<void> => {
    for (let again = false; !closing.signal.aborted; again = true) {
      try {
        return void (await feed.add(batch, texts, again).then(sent));
      } catch (err) {
        failed(err);
        await delay(RETRY_MS, undefined, { ref: false, signal: closing.signal }).catch(() => {});
      }
    }
  };
  const run = async (): Promise<void> => {
    sending = true;
    // Whatever is put in the same turn goes with the first.
    await Promise.resolve();
    while (waiting.length > 0 && !closing.signal.aborted) {
      const texts = waiting;
      waiting = [];
      await send(randomUUID(), texts);
    }
    sending = false;
    wakeAll();
  };
  const tried = async (): Promise<void> => {
    if (sending && !outage.isOngoing()) await new Promise<void>((resolve) => waiters.push(resolve));
  };

  return {
    put: (text) => {
      if (closing.signal.aborted) return;
      waiting.push(text);
      if (waiting.length > ROOM) {
        waiting.shift();
        lost += 1;
      }
      if (!sending) void run();
    },
    tried,
    close: async () => {
      await tried();
      closing.abort();
    },
  };
};
