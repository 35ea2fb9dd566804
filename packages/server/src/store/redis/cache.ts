import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import type { PluginCacheStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { unlessWrongType } from "./records.ts";
import { script } from "./script.ts";

/** Entries that one namespace may hold. */
const MAX_ENTRIES = 1000;

const keysOf = (namespace: string) => ({
  values: names.cache(namespace),
  order: `${names.cache(namespace)}:ORDER`,
  expires: `${names.cache(namespace)}:EXPIRES`,
});

const typesOf = (namespace: string) => {
  const { values, order, expires } = keysOf(namespace);
  return { [values]: "hash", [order]: "zset", [expires]: "zset" } as const;
};

/** Removes what expired, and then the oldest entries beyond the limit. */
const SET = script(`
  redis.call('HSET', key.values, arg.key, arg.value)
  redis.call('ZADD', key.order, redis.call('HINCRBY', '${names.counts}', 'cache', 1), arg.key)
  redis.call('ZADD', key.expires, arg.expires, arg.key)
  local function drop(entry)
    redis.call('HDEL', key.values, entry)
    redis.call('ZREM', key.order, entry)
    redis.call('ZREM', key.expires, entry)
  end
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', key.expires, '-inf', arg.now)) do drop(entry) end
  for _, entry in ipairs(redis.call('ZRANGE', key.order, 0, ${-MAX_ENTRIES - 1})) do drop(entry) end
`);

const GET = script(`
  return {redis.call('HGET', key.values, arg.key), redis.call('ZSCORE', key.expires, arg.key)}
`);

/** The plugins' cache of a Redis. Expired entries of a namespace are removed when an entry is set there. */
export const createPluginCacheStore = (connection: Connection, now: () => number): PluginCacheStore => ({
  get: async (namespace, key, at) => {
    const [value = null, expires] = await unlessWrongType<(string | null)[]>(
      connection,
      typesOf(namespace),
      [],
      () => connection.run(GET, keysOf(namespace), { key }),
    );
    return value === null || Number(expires) <= at ? undefined : value;
  },
  set: async (namespace, key, value, expires) => {
    const args = { key, value, expires, now: now() };
    await unlessWrongType<unknown>(connection, typesOf(namespace), null, () =>
      connection.run(SET, keysOf(namespace), args),
    );
  },
  clear: async (namespace) => void (await connection.command("DEL", ...Object.values(keysOf(namespace)))),
});

const READ_CACHE = script(`
  local entries = {}
  for _, entry in ipairs(redis.call('ZRANGE', key.order, 0, -1)) do
    entries[#entries + 1] = {entry, redis.call('HGET', key.values, entry), redis.call('ZSCORE', key.expires, entry)}
  end
  return entries
`);

/** An entry that exists keeps its place. */
const PUT_CACHE = script(`
  for n, entry in ipairs(arg.keys) do
    if redis.call('HEXISTS', key.values, entry) == 0 then
      redis.call('ZADD', key.order, redis.call('HINCRBY', '${names.counts}', 'cache', 1), entry)
    end
    redis.call('HSET', key.values, entry, arg.values[n])
    redis.call('ZADD', key.expires, arg.expires[n], entry)
  end
`);

export const cacheStream = (connection: Connection): RecordStream<StreamRecords["cache"]> => ({
  async *pages(after = "") {
    const prefix = names.cache("");
    const keys = (await connection.scan(`${prefix}*`)).map((key) => key.slice(prefix.length).toLowerCase());
    for (const namespace of keys.filter((key) => !key.includes(":") && key > after).sort()) {
      const entries = await unlessWrongType<[string, string, string][]>(
        connection,
        typesOf(namespace),
        [],
        () => connection.run(READ_CACHE, keysOf(namespace)),
      );
      const records = entries.map(([key, value, expires]) => ({
        ...{ namespace, key, value },
        expires: Number(expires),
      }));
      if (records.length > 0) yield { records, position: namespace };
    }
  },
  async put(records) {
    for (const namespace of new Set(records.map((record) => record.namespace))) {
      const own = records.filter((record) => record.namespace === namespace);
      await connection.run(PUT_CACHE, keysOf(namespace), {
        keys: own.map(({ key }) => key),
        values: own.map(({ value }) => value),
        expires: own.map(({ expires }) => expires),
      });
    }
  },
});
