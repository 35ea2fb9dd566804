import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import type { ArchiveRecord } from "../../types.ts";
import { pagesOfArchives } from "../archives.ts";
import { keysOf } from "../cache.ts";
import type { Connection } from "../connection.ts";
import { names } from "../names.ts";
import { PAGE, script } from "../script.ts";

type SeenArchive = StreamRecords["known"];
type Cached = StreamRecords["cache"];

/** A record that exists keeps its place. */
const PUT = script(`
  for n, id in ipairs(arg.ids) do
    if redis.call('HEXISTS', '${names.archives}', id) == 0 then
      redis.call('ZADD', '${names.archiveOrder}', redis.call('HINCRBY', '${names.counts}', 'archive', 1), id)
    end
    if arg.filesBefore[n] ~= '' then redis.call('HDEL', '${names.archiveFiles}', arg.filesBefore[n]) end
    redis.call('HSET', '${names.archives}', id, arg.records[n])
    redis.call('HSET', '${names.archiveFiles}', arg.files[n], id)
  end
`);

const fileOf = (record: string | null): string => (record ? (JSON.parse(record) as ArchiveRecord).file : "");

export const archiveStream = (connection: Connection): RecordStream<ArchiveRecord> => ({
  pages: (after) => pagesOfArchives(connection, PAGE, after),
  put: async (records) => {
    const ids = records.map(({ id }) => id);
    // Parsed here: Lua's JSON rejects text that JavaScript writes, such as half of a surrogate pair.
    const before = await connection.command<(string | null)[]>("HMGET", names.archives, ...ids);
    await connection.run(
      PUT,
      {},
      {
        ids,
        files: records.map(({ file }) => file),
        filesBefore: before.map(fileOf),
        records: records.map((record) => JSON.stringify(record)),
      },
    );
  },
});

const SCAN_COUNT = 2000;

/** A set has no order, and a cursor in it is lost when Redis restarts. So a position is a library that was read to its end. */
export const seenArchiveStream = (connection: Connection): RecordStream<SeenArchive> => ({
  async *pages(after = "") {
    const prefix = names.seenArchives("");
    const libraries = (await connection.scan(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort();
    let position = after;
    for (const library of libraries.filter((one) => one > after)) {
      let cursor = "0";
      do {
        const [next, ids] = await connection.command<[string, string[]]>(
          "SSCAN",
          names.seenArchives(library),
          cursor,
          "COUNT",
          SCAN_COUNT,
        );
        cursor = next;
        if (cursor === "0") position = library;
        yield { records: ids.map((id) => ({ library, id })), position };
      } while (cursor !== "0");
    }
  },
  async put(records) {
    for (const library of new Set(records.map((record) => record.library))) {
      const ids = records.filter((record) => record.library === library).map(({ id }) => id);
      await connection.command("SADD", names.seenArchives(library), ...ids);
    }
  },
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

export const cacheStream = (connection: Connection): RecordStream<Cached> => ({
  async *pages(after = "") {
    const prefix = names.cache("");
    const keys = (await connection.scan(`${prefix}*`)).map((key) => key.slice(prefix.length).toLowerCase());
    for (const namespace of keys.filter((key) => !key.includes(":") && key > after).sort()) {
      const entries = await connection.run<[string, string, string][]>(READ_CACHE, keysOf(namespace));
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
