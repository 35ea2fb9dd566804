import { type HistoryEntry, JobState } from "@hitagi/contract";
import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import { onePage } from "../../record-streams.ts";
import type { JobRecord, KeyRecord, Store } from "../../types.ts";
import { orderOf, putItems, toItem } from "../batches.ts";
import type { Connection } from "../connection.ts";
import { type HistoryReply, toEntry } from "../history.ts";
import { ENQUEUE, toFields, toJob } from "../jobs.ts";
import { names } from "../names.ts";
import { PAGE, script } from "../script.ts";

const JOB = names.job("");

const NEXT = script(`
  local jobs = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', '${names.jobs}', '(' .. arg.after, '+inf', 'LIMIT', 0, ${PAGE})) do
    jobs[#jobs + 1] = {id, redis.call('HGETALL', '${JOB}' .. id)}
  end
  return jobs
`);

/** A job that was running counts as lost by its worker. */
const PUT_JOB = script(`${ENQUEUE}
  redis.call('DEL', key.job)
  redis.call('HSET', key.job, unpack(arg.fields))
  for _, state in ipairs({${JobState.enum.map((state) => `'${state}'`).join()}}) do
    redis.call('ZREM', '${names.jobsIn("")}' .. state, arg.id)
  end
  redis.call('ZADD', '${names.jobsIn("")}' .. arg.state, arg.id, arg.id)
  redis.call('ZADD', '${names.jobs}', arg.id, arg.id)
  redis.call('ZREM', '${names.jobsEnded}', arg.id)
  redis.call('ZREM', '${names.jobsWaiting}', string.format('%015d', arg.id))
  redis.call('ZREM', '${names.jobsClaimed}', arg.id)
  if arg.finished then redis.call('ZADD', '${names.jobsEnded}', arg.finished, arg.id) end
  if arg.state == 'inactive' then enqueue(arg.id) end
  if arg.state == 'active' then redis.call('ZADD', '${names.jobsClaimed}', 0, arg.id) end
`);

export const jobStream = (connection: Connection): RecordStream<JobRecord> => ({
  async *pages(after = "0") {
    for (let position = after; ; ) {
      const reply = await connection.run<[string, unknown][]>(NEXT, {}, { after: position });
      const last = reply.at(-1);
      if (!last) return;
      [position] = last;
      yield { records: reply.flatMap(([id, fields]) => toJob(Number(id), fields) ?? []), position };
    }
  },
  put: async (records) => {
    const put = ({ id, ...job }: JobRecord): Promise<unknown> => {
      const { state, finished } = job;
      return connection.run(PUT_JOB, { job: names.job(id) }, { id, state, finished, fields: toFields(job) });
    };
    await Promise.all(records.map(put));
  },
});

/** The first job after an id that has a batch report; false if there is none. */
const NEXT_WITH_REPORTS = script(`
  local after = arg.after
  while true do
    local ids = redis.call('ZRANGEBYSCORE', '${names.jobs}', '(' .. after, '+inf', 'LIMIT', 0, ${PAGE})
    for _, id in ipairs(ids) do
      if redis.call('EXISTS', '${names.batch("")}' .. id) == 1 then return id end
    end
    if #ids == 0 then return false end
    after = ids[#ids]
  end
`);

/** The reports of a job after a place, and the place of the last. */
const REPORTS = script(`
  local found = redis.call('ZRANGEBYSCORE', key.order, '(' .. arg.after, '+inf', 'WITHSCORES', 'LIMIT', 0, ${PAGE})
  local texts = {}
  for i = 1, #found, 2 do texts[#texts + 1] = redis.call('HGET', key.items, found[i]) end
  return {found[#found] or false, texts}
`);

type Report = StreamRecords["batches"];

/** The items of each job, in their order. */
const byJob = (records: readonly Report[]): Map<number, Report["item"][]> => {
  const jobs = new Map<number, Report["item"][]>();
  for (const { job, item } of records) jobs.set(job, [...(jobs.get(job) ?? []), item]);
  return jobs;
};

export const batchStream = (connection: Connection): RecordStream<Report> => ({
  async *pages(after = "[0,0]") {
    let [job, place] = JSON.parse(after) as [number, number];
    for (;;) {
      const keys = { order: orderOf(job), items: names.batch(job) };
      const [last, texts] = await connection.run<[string | null, string[]]>(REPORTS, keys, { after: place });
      if (last === null) {
        const next = await connection.run<string | null>(NEXT_WITH_REPORTS, {}, { after: job });
        if (next === null) return;
        [job, place] = [Number(next), 0];
        continue;
      }
      place = Number(last);
      const records = texts.map((text) => ({ job, item: toItem(text) }));
      yield { records, position: JSON.stringify([job, place]) };
    }
  },
  async put(records) {
    for (const [job, items] of byJob(records)) await putItems(connection, job, items);
  },
});

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
const ADD_ENTRIES = script(`
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
      const reply = await connection.command<HistoryReply>("XRANGE", ...args);
      const records = reply.map(toEntry);
      const last = records.at(-1);
      if (!last) return;
      position = String(last.id);
      yield { records, position };
    }
  },
  put: async (records) => {
    const entries = records.map(({ id, ...entry }) => JSON.stringify(entry));
    await connection.run(ADD_ENTRIES, {}, { ids: records.map(({ id }) => id), entries });
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
