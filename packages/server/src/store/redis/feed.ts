import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { RedisOptions } from "ioredis";
import { createOutage } from "../../async/outage.ts";
import type { Feed, FeedReading } from "../types.ts";
import { createStreamWait, type StreamEntry } from "./client.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { script } from "./script.ts";

/** A position: the run of the feed, and the id of an entry of its stream (`<milliseconds>-<number>`). */
interface FeedPosition {
  run: string;
  id: string;
}

/** The id before all entries of a stream. */
const START = "0-0";

const toText = ({ run, id }: FeedPosition): string => `${run}-${id}`;

/** Reads a position; undefined for anything else. Redis' numbers have 64 bits. */
const parsePosition = (text: string): FeedPosition | undefined => {
  const [, run, id] = /^([0-9a-f]{12})-(\d{1,19}-\d{1,19})$/.exec(text) ?? [];
  return run === undefined || id === undefined ? undefined : { run, id };
};

const numbersOf = (id: string): [bigint, bigint] => {
  const [time = "", count = ""] = id.split("-");
  return [BigInt(time), BigInt(count)];
};

/** Whether an id of a stream is larger than another. */
const isLater = (id: string, other: string): boolean => {
  const [[time, count], [otherTime, otherCount]] = [numbersOf(id), numbersOf(other)];
  return time === otherTime ? count > otherCount : time > otherTime;
};

/**
 * Makes a run for a feed that has none. An entry holds the id of the one before it, so that the oldest tells whether anything
 * after a position was removed. Ids are Redis' own, made of its clock: a Redis that lost its last second gives none again.
 */
const HEAD = `
  local run = redis.call('GET', '${names.eventsRun}')
  if not run or not string.match(run, '^[0-9a-f]+$') or #run ~= 12 then
    run = arg.newRun
    redis.call('SET', '${names.eventsRun}', run)
  end
  local newest = redis.call('XREVRANGE', '${names.events}', '+', '-', 'COUNT', 1)[1]
  local last = newest and newest[1] or '${START}'
`;

const ADD = script(`${HEAD}
  if arg.mayExist then
    for _, entry in ipairs(redis.call('XRANGE', '${names.events}', '-', '+')) do
      if entry[2][4] == arg.batch then return end
    end
  end
  for _, text in ipairs(arg.texts) do
    last = redis.call('XADD', '${names.events}', 'MAXLEN', arg.kept, '*', 'after', last, 'batch', arg.batch, 'text', text)
  end
`);

/** Without a position it reads the end. Answers the run, the id, whether that is a reset, and the entries. */
const READ = script(`${HEAD}
  if not arg.id then return {run, last, 0, {}} end
  local function isLater(id, other)
    local time, count = string.match(id, '(%d+)-(%d+)')
    local otherTime, otherCount = string.match(other, '(%d+)-(%d+)')
    if time ~= otherTime then return tonumber(time) > tonumber(otherTime) end
    return tonumber(count) > tonumber(otherCount)
  end
  local oldest = redis.call('XRANGE', '${names.events}', '-', '+', 'COUNT', 1)[1]
  local before = oldest and string.match(oldest[2][2] or '', '^%d+%-%d+$') or '${START}'
  if arg.run ~= run or isLater(arg.id, last) or isLater(before, arg.id) then return {run, last, 1, {}} end
  return {run, arg.id, 0, redis.call('XRANGE', '${names.events}', '(' .. arg.id, '+')}
`);

type Reply = [run: string, id: string, reset: number, entries: StreamEntry[]];

/** The values of an entry, as {@link ADD} writes them. */
const valuesOf = ([id, [, after, , , , text = ""]]: StreamEntry) => ({ id, after, text });

const toReading = ([run, id, reset, entries]: Reply): FeedReading => ({
  position: toText({ run, id }),
  reset: reset === 1,
  announcements: entries
    .map(valuesOf)
    .map((entry) => ({ position: toText({ run, id: entry.id }), text: entry.text })),
});

/**
 * What follows a position, out of entries that were read after it; undefined where it must be read with the feed's run, because something
 * between them may have been lost. The feed before its first entry may be another one by now.
 */
const readingOf = (
  position: FeedPosition | undefined,
  entries: StreamEntry[] | undefined,
): FeedReading | undefined => {
  const first = entries?.[0];
  if (!position || !entries || !first || position.id === START) return undefined;
  return valuesOf(first).after === position.id
    ? toReading([position.run, position.id, 0, entries])
    : undefined;
};

/** A new one each time, so that an emptied feed differs from the one before. */
const newRun = (): string => randomBytes(6).toString("hex");

/** Milliseconds until a read that failed is repeated. */
const RETRY_MS = 1000;

const KEPT = 1000;

/** A run that no position has. */
const NO_RUN = "none";

export interface FeedOptions {
  /** How many announcements are kept for readers that come back; 1,000 where not given. */
  kept?: number;
  /** Called with a failure in the background, once until it works again. */
  onError: (error: unknown) => void;
}

export const createFeed = (
  connection: Connection,
  redis: RedisOptions,
  { kept = KEPT, onError }: FeedOptions,
): { feed: Feed; end(): void } => {
  const following = new Set<() => void>();

  const read: Feed["read"] = async (after) => {
    const position = after === undefined ? undefined : (parsePosition(after) ?? { run: NO_RUN, id: START });
    return toReading((await connection.run(READ, {}, { newRun: newRun(), ...position })) as Reply);
  };

  const follow: Feed["follow"] = (take) => {
    const wait = createStreamWait(redis, names.events);
    let ended = false;
    const outage = createOutage({
      onBegin: (error) => {
        if (!ended) onError(error);
      },
    });
    let at: string | undefined;

    /** @param entries that are known to follow the last reading, if any are */
    const readNext = async (entries: StreamEntry[] | undefined): Promise<void> => {
      const position = at === undefined ? undefined : parsePosition(at);
      const reading = readingOf(position, entries) ?? (await read(at));
      outage.succeeded();
      if (ended) return;
      if (at === undefined || reading.reset || reading.announcements.length > 0) take(reading);
      at = reading.announcements.at(-1)?.position ?? reading.position;
    };
    const readAll = async (): Promise<void> => {
      let entries: StreamEntry[] | undefined;
      while (!ended) {
        await readNext(entries).catch(outage.failed);
        // An entry that could not be read would end each wait at once.
        if (outage.isOngoing()) await sleep(RETRY_MS, undefined, { ref: false });
        // `$` is the newest entry.
        if (!ended) entries = await wait.until(parsePosition(at ?? "")?.id ?? "$");
      }
    };
    const end = (): void => {
      ended = true;
      following.delete(end);
      wait.end();
    };
    following.add(end);
    void readAll();
    return end;
  };

  return {
    feed: {
      add: async (batch, texts, again) => {
        await connection.run(ADD, {}, { newRun: newRun(), kept, batch, mayExist: again, texts });
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
