import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { RedisOptions } from "ioredis";
import type { Feed, FeedReading } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { isLater, parsePosition, START, toText } from "./feed-position.ts";
import { names } from "./names.ts";
import { createStreamWait } from "./stream-wait.ts";

/**
 * KEYS of both scripts: the stream, its run. ARGV[1]: a run for a feed that has none. An entry holds the id of the one
 * before it, so that the oldest says whether anything between it and a position was forgotten. Ids are Redis' own, made of its
 * clock: after a Redis that lost its last second, none is given again.
 */
const HEAD = `
  local run = redis.call('GET', KEYS[2])
  if not run then
    run = ARGV[1]
    redis.call('SET', KEYS[2], run)
  end
  local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  local last = newest and newest[1] or '${START}'
`;

/** ARGV: how many are kept, the batch, whether it may be there, the texts. */
const ADD = script(`${HEAD}
  if ARGV[4] == '1' then
    for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
      if entry[2][4] == ARGV[3] then return end
    end
  end
  for i = 5, #ARGV do
    last = redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], '*', 'after', last, 'batch', ARGV[3], 'text', ARGV[i])
  end
`);

/** ARGV: the position's run and id, or twice nothing for the end. Answers the run, the id, whether that is a reset, and the entries. */
const READ = script(`${HEAD}
  if ARGV[3] == '' then return {run, last, 0, {}} end
  local function later(id, other)
    local time, count = string.match(id, '(%d+)-(%d+)')
    local otherTime, otherCount = string.match(other, '(%d+)-(%d+)')
    if time ~= otherTime then return tonumber(time) > tonumber(otherTime) end
    return tonumber(count) > tonumber(otherCount)
  end
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  local before = oldest and oldest[2][2] or '${START}'
  if ARGV[2] ~= run or later(ARGV[3], last) or later(before, ARGV[3]) then return {run, last, 1, {}} end
  return {run, ARGV[3], 0, redis.call('XRANGE', KEYS[1], '(' .. ARGV[3], '+')}
`);

const KEYS = [names.events, names.eventsRun];

type Reply = [
  run: string,
  id: string,
  reset: number,
  entries: [id: string, fields: ["after", string, "batch", string, "text", string]][],
];

const toReading = ([run, id, reset, entries]: Reply): FeedReading => ({
  position: toText({ run, id }),
  reset: reset === 1,
  announcements: entries.map(([entry, fields]) => ({
    position: toText({ run, id: entry }),
    text: fields[5],
  })),
});

/** A new one each time, so that a feed that was emptied is never taken for the one before. */
const newRun = (): string => randomBytes(6).toString("hex");

/** Milliseconds after which is read again what could not be read. */
const RETRY_MS = 1000;

const KEPT = 1000;

/** A run that no position names. */
const NO_RUN = "none";

export interface FeedOptions {
  /** How many announcements are kept for readers that come back; 1,000 where not given. */
  kept?: number;
  /** Told of what failed in the background, once until it works again. */
  onError: (error: unknown) => void;
}

/** The feed of a Redis: a stream. */
export const createFeed = (
  connection: Connection,
  redis: RedisOptions,
  { kept = KEPT, onError }: FeedOptions,
): { feed: Feed; end(): void } => {
  const following = new Set<() => void>();

  const read: Feed["read"] = async (after) => {
    const position = after === undefined ? undefined : (parsePosition(after) ?? { run: NO_RUN, id: START });
    const args = [newRun(), position?.run ?? "", position?.id ?? ""];
    return toReading((await connection.run(READ, KEYS, args)) as Reply);
  };

  const follow: Feed["follow"] = (take) => {
    const wait = createStreamWait(redis, names.events);
    let ended = false;
    let failing = false;
    let at: string | undefined;

    const look = async (): Promise<void> => {
      const reading = await read(at);
      failing = false;
      if (ended) return;
      if (at === undefined || reading.reset || reading.announcements.length > 0) take(reading);
      at = reading.announcements.at(-1)?.position ?? reading.position;
    };
    const run = async (): Promise<void> => {
      while (!ended) {
        await look().catch((e: unknown) => {
          if (!failing && !ended) onError(e);
          failing = true;
        });
        // What could not be read is there already, and would end each wait at once.
        if (failing) await sleep(RETRY_MS, undefined, { ref: false });
        // `$` is the newest of all.
        if (!ended) await wait.until(parsePosition(at ?? "")?.id ?? "$");
      }
    };
    const end = (): void => {
      ended = true;
      following.delete(end);
      wait.end();
    };
    following.add(end);
    void run();
    return end;
  };

  return {
    feed: {
      add: async (batch, texts, again) => {
        const args = [newRun(), kept, batch, again ? 1 : 0, ...texts];
        await connection.run(ADD, KEYS, args);
      },
      read,
      follow,
      isAfter: (position, other) => {
        const [a, b] = [parsePosition(position), parsePosition(other)];
        return a?.run !== b?.run || (a !== undefined && b !== undefined && isLater(a.id, b.id));
      },
    },
    end: () => {
      for (const one of following) one();
    },
  };
};
