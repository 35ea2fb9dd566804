import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import type { ArchiveRecord } from "../../types.ts";
import { pagesOfArchives } from "../archives.ts";
import { keysOf } from "../cache.ts";
import { type Connection, script } from "../connection.ts";
import { names } from "../names.ts";
import { PAGE } from "./page.ts";

type Known = StreamRecords["known"];
type Cached = StreamRecords["cache"];

const KEYS = [names.archives, names.archiveFiles, names.archiveOrder, names.counts];

/** ARGV: id, file, record, and the file that it had or "", of each. One that is there keeps its place. */
const PUT = script(`
  for i = 1, #ARGV, 4 do
    if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then
      redis.call('ZADD', KEYS[3], redis.call('HINCRBY', KEYS[4], 'archive', 1), ARGV[i])
    end
    if ARGV[i + 3] ~= '' then redis.call('HDEL', KEYS[2], ARGV[i + 3]) end
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
    redis.call('HSET', KEYS[2], ARGV[i + 1], ARGV[i])
  end
`);

const fileOf = (record: string | null | undefined): string =>
  record ? (JSON.parse(record) as ArchiveRecord).file : "";

export const archiveStream = (connection: Connection): RecordStream<ArchiveRecord> => ({
  pages: (after) => pagesOfArchives(connection, PAGE, after),
  put: async (records) => {
    // Read here: Lua's JSON refuses what JavaScript may write, such as half of a surrogate pair.
    const there = await connection.command("HMGET", names.archives, ...records.map(({ id }) => id));
    const args = records.flatMap((record, n) => [
      record.id,
      record.file,
      JSON.stringify(record),
      fileOf((there as (string | null)[])[n]),
    ]);
    await connection.run(PUT, KEYS, args);
  },
});

const SCAN_COUNT = 2000;

/** A set has no order, and a place in it is lost when Redis starts anew: whoever goes on begins a library from its start. */
export const knownStream = (connection: Connection): RecordStream<Known> => ({
  async *pages(after = "") {
    const prefix = names.known("");
    const libraries = (await connection.scan(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort();
    let position = after;
    for (const library of libraries.filter((one) => one > after)) {
      let cursor = "0";
      do {
        const reply = await connection.command("SSCAN", names.known(library), cursor, "COUNT", SCAN_COUNT);
        const [next, ids] = reply as [string, string[]];
        cursor = next;
        if (cursor === "0") position = library;
        yield { records: ids.map((id) => ({ library, id })), position };
      } while (cursor !== "0");
    }
  },
  async put(records) {
    for (const library of new Set(records.map((record) => record.library))) {
      const ids = records.filter((record) => record.library === library).map(({ id }) => id);
      await connection.command("SADD", names.known(library), ...ids);
    }
  },
});

/** KEYS: those of a namespace. */
const CACHED = script(`
  local entries = {}
  for _, key in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    entries[#entries + 1] = {key, redis.call('HGET', KEYS[1], key), redis.call('ZSCORE', KEYS[3], key)}
  end
  return entries
`);

/** KEYS: those of a namespace. ARGV: key, value and expiry of each. One that is there keeps its place. */
const CACHE = script(`
  for i = 1, #ARGV, 3 do
    if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then
      redis.call('ZADD', KEYS[2], redis.call('HINCRBY', KEYS[4], 'cache', 1), ARGV[i])
    end
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    redis.call('ZADD', KEYS[3], ARGV[i + 2], ARGV[i])
  end
`);

export const cacheStream = (connection: Connection): RecordStream<Cached> => ({
  async *pages(after = "") {
    const prefix = names.cache("");
    const keys = (await connection.scan(`${prefix}*`)).map((key) => key.slice(prefix.length).toLowerCase());
    for (const namespace of keys.filter((key) => !key.includes(":") && key > after).sort()) {
      const entries = (await connection.run(CACHED, keysOf(namespace))) as [string, string, string][];
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
      const args = own.flatMap(({ key, value, expires }) => [key, value, expires]);
      await connection.run(CACHE, keysOf(namespace), args);
    }
  },
});
