import type { HistoryEntry } from "@hitagi/contract";
import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import { onePage } from "../../record-streams.ts";
import type { KeyRecord, Store } from "../../types.ts";
import type { Connection } from "../connection.ts";
import { type HistoryReply, toEntry } from "../history.ts";
import { names } from "../names.ts";
import { PAGE, script } from "../script.ts";

type Counter = StreamRecords["counters"];

const [KEYS, NAMES, USES] = [names.keys, names.keyNames, names.keyUses];

/** A key that exists keeps its place. */
const PUT_KEY = script(`
  local stored = redis.call('HGET', '${KEYS}', arg.id)
  local order = stored and string.match(stored, '^%d+') or redis.call('HINCRBY', '${names.counts}', 'key', 1)
  local owners = redis.call('HGETALL', '${NAMES}')
  for i = 1, #owners, 2 do
    if owners[i + 1] == arg.id then redis.call('HDEL', '${NAMES}', owners[i]) end
  end
  redis.call('HSET', '${KEYS}', arg.id, order .. ' ' .. arg.record)
  redis.call('HSET', '${NAMES}', arg.name, arg.id)
  redis.call('HDEL', '${USES}', arg.id)
  if arg.used then redis.call('HSET', '${USES}', arg.id, arg.used) end
`);

export const keyStream = (
  connection: Connection,
  { keys }: Pick<Store, "keys">,
): RecordStream<KeyRecord> => ({
  pages: onePage(() => keys.list()),
  async put(records) {
    for (const key of records) {
      const { id, name, lastUsed: used } = key;
      await connection.run(PUT_KEY, {}, { id, name, used, record: JSON.stringify(key) });
    }
  },
});

/** Adds entries in the order of their ids, and skips those that exist. */
const ADD = script(`
  local last = redis.call('XREVRANGE', '${names.history}', '+', '-', 'COUNT', 1)[1]
  local newest = last and tonumber(string.match(last[1], '^%d+')) or 0
  for n, id in ipairs(arg.ids) do
    if tonumber(id) > newest then redis.call('XADD', '${names.history}', id .. '-0', 'entry', arg.entries[n]) end
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
    const entries = records.map(({ id, ...entry }) => JSON.stringify(entry));
    await connection.run(ADD, {}, { ids: records.map(({ id }) => id), entries });
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
