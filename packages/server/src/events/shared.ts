import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerEvent } from "@hitagi/contract";
import type { Logger } from "pino";
import { createOutage } from "../async/outage.ts";
import type { Feed, FeedReading } from "../store/types.ts";
import type { EventBus, Follower } from "./types.ts";

/** Events that wait while the feed cannot be reached. Beyond it the oldest are dropped, as the feed itself does. */
const MAX_WAITING = 1000;
/** Milliseconds between two attempts. */
const RETRY_MS = 500;

/** Announcements that are not in the feed yet. */
interface Outbox {
  /** Never throws and never waits. */
  put(text: string): void;
  /** Resolves when all announcements are in the feed, or an attempt to send them failed. */
  tried(): Promise<void>;
  /** Waits for the current sending, unless the feed cannot be reached, and sends nothing more. */
  close(): Promise<void>;
}

/** Sends announcements to a feed, each once and in their order. Those that came meanwhile are sent together. */
const createOutbox = (feed: Pick<Feed, "add">, log: Pick<Logger, "warn">): Outbox => {
  const closing = new AbortController();
  let waiting: string[] = [];
  let lost = 0;
  const outage = createOutage({
    onBegin: (err) => log.warn({ err }, "events cannot be published now"),
  });
  let sending = false;
  let waiters: (() => void)[] = [];

  const wakeAll = (): void => {
    for (const wake of waiters) wake();
    waiters = [];
  };
  const sent = (): void => {
    if (lost > 0) log.warn({ events: lost }, "events were lost: the store could not be reached for too long");
    lost = 0;
    outage.succeeded();
  };
  const failed = (err: unknown): void => {
    outage.failed(err);
    wakeAll();
  };
  /** If the answer was lost the feed may have the batch, so it is sent again under the same name. */
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
    // Events that are put in the same tick are sent together.
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
      if (waiting.length > MAX_WAITING) {
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

interface SharedBusDeps {
  feed: Feed;
  log: Pick<Logger, "warn">;
  /** Epoch milliseconds. */
  now?: () => number;
}

interface Reading extends Pick<FeedReading, "position" | "reset"> {
  events: readonly ServerEvent[];
}

interface Joined {
  follower: Follower;
  /** The position of the last event that it got; undefined until it has begun. */
  at: string | undefined;
  /** Readings that came before it began. */
  early: Reading[];
}

/** The event of an announcement; undefined for text that no server wrote. */
const toEvent = ({ position, text }: FeedReading["announcements"][number]): ServerEvent | undefined => {
  try {
    const body: unknown = JSON.parse(text);
    const isEvent = typeof body === "object" && body !== null && "kind" in body;
    return isEvent ? ({ ...body, id: position } as ServerEvent) : undefined;
  } catch {
    return undefined;
  }
};

const toReading = ({ position, reset, announcements }: FeedReading): Reading => ({
  position,
  reset,
  events: announcements.flatMap((one) => toEvent(one) ?? []),
});

/**
 * A bus over the feed of a shared store. Events go to the feed, and followers get what the feed returns, so that followers on
 * all servers get the same events in the same order. During an outage of the store the newest events are kept in memory.
 */
export const createSharedBus = ({ feed, log, now = Date.now }: SharedBusDeps): EventBus => {
  const outbox = createOutbox(feed, log);
  const joined = new Set<Joined>();
  let leaveFeed: (() => void) | undefined;

  const begin = (one: Joined, id: string, reset: boolean): void => {
    one.at = id;
    one.follower.begin({ id, reset });
  };
  const hand = (one: Joined, reading: Reading): void => {
    if (one.at === undefined) return void one.early.push(reading);
    if (reading.reset && feed.isAfter(reading.position, one.at)) begin(one, reading.position, true);
    for (const event of reading.events) {
      if (!feed.isAfter(event.id, one.at)) continue;
      one.at = event.id;
      one.follower.event(event);
    }
  };
  const take = (reading: FeedReading): void => {
    const read = toReading(reading);
    for (const one of joined) hand(one, read);
  };
  /** Readings that come during the first read follow it, without the events that both hold. */
  const join = async (one: Joined, after: string | undefined): Promise<void> => {
    await outbox.tried();
    const { position, reset, events } = toReading(await feed.read(after));
    begin(one, position, reset);
    for (const reading of [{ position, reset: false, events }, ...one.early]) hand(one, reading);
    one.early = [];
  };

  return {
    publish: (body) => outbox.put(JSON.stringify({ time: now() / 1000, ...body })),
    follow: async (after, follower) => {
      const one: Joined = { follower, at: undefined, early: [] };
      joined.add(one);
      leaveFeed ??= feed.follow(take);
      try {
        await join(one, after);
      } catch (e) {
        joined.delete(one);
        throw e;
      }
      return () => void joined.delete(one);
    },
    position: async () => (await feed.read(undefined)).position,
    close: async () => {
      await outbox.close();
      joined.clear();
      leaveFeed?.();
    },
  };
};
