import { type BatchCounts, type BatchItem, batchOutcomes, HitagiError } from "@hitagi/contract";
import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import type { BatchStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { PAGE, script } from "./script.ts";

const ORDER = "ORDER";

/** The keys of a batch beside its items: their order, and the items of each outcome. */
export const batchParts: readonly string[] = [ORDER, ...batchOutcomes];

const orderOf = (job: number): string => `${names.batch(job)}:${ORDER}`;
/** The archives of an outcome, in the order in which they were first noted. */
const outcomeOf = (job: number, outcome: string): string => `${names.batch(job)}:${outcome}`;
const outcomesOf = (job: number): string[] => batchOutcomes.map((outcome) => outcomeOf(job, outcome));

const PUT = script(`
  if redis.call('EXISTS', key.job) == 0 then return 0 end
  for n, archive in ipairs(arg.archives) do
    redis.call('ZADD', key.order, 'NX', redis.call('ZCARD', key.order) + 1, archive)
    redis.call('HSET', key.items, archive, arg.items[n])
    for _, outcome in ipairs(key.outcomes) do redis.call('ZREM', outcome, archive) end
    local outcome = key.outcomes[tonumber(arg.outcomes[n])]
    redis.call('ZADD', outcome, redis.call('ZSCORE', key.order, archive), archive)
  end
  return 1
`);

const ITEMS = script(`
  local archives = redis.call('ZRANGE', key.order, arg.first, arg.last)
  return {redis.call('ZCARD', key.order), #archives > 0 and redis.call('HMGET', key.items, unpack(archives)) or {}}
`);

const COUNTS = script(`
  local counts = {}
  for n, outcome in ipairs(key.outcomes) do counts[n] = redis.call('ZCARD', outcome) end
  return counts
`);

const toItem = (text: string): BatchItem => JSON.parse(text) as BatchItem;

/** Notes items of a batch; answers false and notes nothing if there is no such job. */
const putItems = async (
  connection: Connection,
  job: number,
  items: readonly BatchItem[],
): Promise<boolean> => {
  const keys = {
    job: names.job(job),
    items: names.batch(job),
    order: orderOf(job),
    outcomes: outcomesOf(job),
  };
  const noted = await connection.run(PUT, keys, {
    archives: items.map(({ archive }) => archive),
    outcomes: items.map(({ outcome }) => batchOutcomes.indexOf(outcome) + 1),
    items: items.map((item) => JSON.stringify(item)),
  });
  return noted === 1;
};

export const createBatchStore = (connection: Connection): BatchStore => ({
  put: async (job, item) => {
    if (!(await putItems(connection, job, [item]))) throw new HitagiError("JOB_NOT_FOUND", { id: job });
  },
  get: async (job, archive) => {
    const text = await connection.command<string | null>("HGET", names.batch(job), archive);
    return text === null ? undefined : toItem(text);
  },
  list: async (job, { outcome }, page, size) => {
    const order = outcome === undefined ? orderOf(job) : outcomeOf(job, outcome);
    const args = { first: (page - 1) * size, last: page * size - 1 };
    const [total, texts] = await connection.run<[number, string[]]>(
      ITEMS,
      { order, items: names.batch(job) },
      args,
    );
    return { total, items: texts.map(toItem) };
  },
  counts: async (job) => {
    const counts = await connection.run<number[]>(COUNTS, { outcomes: outcomesOf(job) });
    return Object.fromEntries(batchOutcomes.map((outcome, n) => [outcome, counts[n] ?? 0])) as BatchCounts;
  },
  ended: async (job) => connection.command<string[]>("ZDIFF", 2, orderOf(job), outcomeOf(job, "pending")),
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
