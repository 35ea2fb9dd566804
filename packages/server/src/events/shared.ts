import type { ServerEvent } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Feed, FeedReading } from "../store/types.ts";
import { createOutbox } from "./outbox.ts";
import type { EventBus, Follower } from "./types.ts";

export interface SharedBusDeps {
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

const toReading = ({ position, reset, announcements }: FeedReading): Reading => ({
  position,
  reset,
  events: announcements.map((one) => ({ id: one.position, ...JSON.parse(one.text) }) as ServerEvent),
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
    close: async () => {
      await outbox.close();
      joined.clear();
      leaveFeed?.();
    },
  };
};
