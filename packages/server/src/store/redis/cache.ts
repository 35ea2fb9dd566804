import type { PluginCacheStore } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";

/** Entries that one namespace may hold. */
const MAX_ENTRIES = 1000;

/** A namespace's keys, of every script: the values, their order, when they expire, the counts. */
export const keysOf = (namespace: string): string[] => [
  names.cache(namespace),
  `${names.cache(namespace)}:ORDER`,
  `${names.cache(namespace)}:EXPIRES`,
  names.counts,
];

/** ARGV: key, value, when it expires, now. What expired goes, then the oldest beyond the most that may be kept. */
const SET = script(`
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('ZADD', KEYS[2], redis.call('HINCRBY', KEYS[4], 'cache', 1), ARGV[1])
  redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
  local function drop(key)
    redis.call('HDEL', KEYS[1], key) redis.call('ZREM', KEYS[2], key) redis.call('ZREM', KEYS[3], key)
  end
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[4])) do drop(key) end
  local most = ${MAX_ENTRIES}
  for _, key in ipairs(redis.call('ZRANGE', KEYS[2], 0, -most - 1)) do drop(key) end
`);

const GET = script(`return {redis.call('HGET', KEYS[1], ARGV[1]), redis.call('ZSCORE', KEYS[3], ARGV[1])}`);

/** The plugins' cache of a Redis. What expired in a namespace goes when something is set there. */
export const createPluginCacheStore = (connection: Connection, now: () => number): PluginCacheStore => ({
  get: async (namespace, key, at) => {
    const [value, expires] = (await connection.run(GET, keysOf(namespace), [key])) as (string | null)[];
    return value === null || Number(expires) <= at ? undefined : value;
  },
  set: async (namespace, key, value, expires) =>
    void (await connection.run(SET, keysOf(namespace), [key, value, expires, now()])),
  clear: async (namespace) => void (await connection.command("DEL", ...keysOf(namespace).slice(0, 3))),
});
