import type { HistoryEntry } from "@hitagi/contract";
import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import { onePage } from "../../record-streams.ts";
import type { KeyRecord, Store } from "../../types.ts";
import { type Connection, script } from "../connection.ts";
import { type HistoryReply, toEntry } from "../history.ts";
import { names } from "../names.ts";
import { PAGE } from "./page.ts";

type Counter = StreamRecords["counters"];

/** KEYS: the keys, whose each name is, when each was used last, the counts. ARGV: id, name, the record, its last use or "". */
const PUT_KEY = script(`
  local there = redis.call('HGET', KEYS[1], ARGV[1])
  local order = there and string.match(there, '^%d+') or redis.call('HINCRBY', KEYS[4], 'key', 1)
  local owners = redis.call('HGETALL', KEYS[2])
  for i = 1, #owners, 2 do
    if owners[i + 1] == ARGV[1] then redis.call('HDEL', KEYS[2], owners[i]) end
  end
  redis.call('HSET', KEYS[1], ARGV[1], order .. ' ' .. ARGV[3])
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
  if ARGV[4] ~= '' then redis.call('HSET', KEYS[3], ARGV[1], ARGV[4]) end
`);

export const keyStream = (
  connection: Connection,
  { keys }: Pick<Store, "keys">,
): RecordStream<KeyRecord> => ({
  pages: onePage(() => keys.list()),
  async put(records) {
    const places = [names.keys, names.keyNames, names.keyUses, names.counts];
    for (const key of records) {
      await connection.run(PUT_KEY, places, [key.id, key.name, JSON.stringify(key), key.lastUsed ?? ""]);
    }
  },
});

/** ARGV: id and entry of each, in the order of the ids. What is there already stays. */
const ADD = script(`
  local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  local newest = last and tonumber(string.match(last[1], '^%d+')) or 0
  for i = 1, #ARGV, 2 do
    if tonumber(ARGV[i]) > newest then redis.call('XADD', KEYS[1], ARGV[i] .. '-0', 'entry', ARGV[i + 1]) end
  end
`);

export const historyStream = (connection: Connection): RecordStream<HistoryEntry> => ({
  async *pages(after = "0") {
    for (let position = after; ; ) {
      const args = [names.history, `(${position}-0`, "+", "COUNT", PAGE];
      const reply = (await connection.command("XRANGE", ...args)) as HistoryReply;
      const records = reply.map(toEntry);
      const last = records.at(-1);
      if (!last) return;
      position = String(last.id);
      yield { records, position };
    }
  },
  put: async (records) => {
    const args = records.flatMap(({ id, ...entry }) => [id, JSON.stringify(entry)]);
    await connection.run(ADD, [names.history], args);
  },
});

export const counterStream = (connection: Connection): RecordStream<Counter> => ({
  pages: onePage(async () => {
    const reply = await connection.command("HMGET", names.counts, "history", "job");
    const [history, job] = (reply as (string | null)[]).map((text) => Number(text ?? 0));
    return [
      { name: "history", value: history ?? 0 },
      { name: "job", value: job ?? 0 },
    ];
  }),
  async put(records) {
    for (const { name, value } of records) await connection.command("HSET", names.counts, name, value);
  },
});
