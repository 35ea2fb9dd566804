import { randomBytes } from "node:crypto";
import type { ServerEvent } from "@hitagi/contract";
import type { EventBus, Follower, StreamPosition } from "./types.ts";

/** Events that are kept for readers that come back. */
const KEPT = 1000;

export interface InProcessOptions {
  /** How many events are kept; 1,000 where not given. */
  kept?: number;
  /** Epoch milliseconds. */
  now?: () => number;
}

/**
 * The events of one process. A position is `<run>-<number>`; the run is random, so that a position of an earlier run
 * is never taken for one of this.
 */
export const createInProcessBus = ({ kept = KEPT, now = Date.now }: InProcessOptions = {}): EventBus => {
  const run = randomBytes(6).toString("hex");
  const followers = new Set<Follower>();
  const ring: ServerEvent[] = [];
  let count = 0;

  const idOf = (n: number): string => `${run}-${n}`;
  /** The number of a position of this run; undefined for any other. */
  const numberOf = (id: string): number | undefined => {
    const [, name, digits] = /^([0-9a-f]+)-(\d{1,15})$/.exec(id) ?? [];
    return name === run && Number(digits) <= count ? Number(digits) : undefined;
  };

  const start = (after: string | undefined): StreamPosition & { missed: ServerEvent[] } => {
    const n = after === undefined ? count : numberOf(after);
    const oldest = count - ring.length;
    if (n === undefined || n < oldest) return { id: idOf(count), reset: true, missed: [] };
    return { id: idOf(n), reset: false, missed: ring.slice(n - oldest) };
  };

  return {
    publish: (body) => {
      count++;
      const event = { id: idOf(count), time: now() / 1000, ...body } as ServerEvent;
      ring.push(event);
      if (ring.length > kept) ring.shift();
      for (const follower of followers) follower.event(event);
    },
    follow: async (after, follower) => {
      const { missed, ...position } = start(after);
      follower.begin(position);
      for (const event of missed) follower.event(event);
      followers.add(follower);
      return () => void followers.delete(follower);
    },
    position: async () => idOf(count),
    close: async () => followers.clear(),
  };
};
