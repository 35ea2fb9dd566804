import { type BatchCounts, BatchItem, batchOutcomes, HitagiError } from "@hitagi/contract";
import { recordCheck } from "../bad-records.ts";
import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import type { BatchStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { atField, unlessWrongType, withId } from "./records.ts";
import { PAGE, script } from "./script.ts";

const ORDER = "ORDER";

/** The keys of a batch beside its items: their order, and the items of each outcome. */
export const batchParts: readonly string[] = [ORDER, ...batchOutcomes];

const orderOf = (job: number): string => `${names.batch(job)}:${ORDER}`;
/** The archives of an outcome, in the order in which they were first noted. */
export const outcomeOf = (job: number, outcome: string): string => `${names.batch(job)}:${outcome}`;
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
  return {redis.call('ZCARD', key.order), archives, #archives > 0 and redis.call('HMGET', key.items, unpack(archives)) or {}}
`);

const COUNTS = script(`
  local counts = {}
  for n, outcome in ipairs(key.outcomes) do counts[n] = redis.call('ZCARD', outcome) end
  return counts
`);

const check = recordCheck(BatchItem);

const typesOf = (job: number) => ({ [names.batch(job)]: "hash", [orderOf(job)]: "zset" }) as const;

const toItem = ({ bad }: Connection, job: number, archive: string, text: string | null) =>
  text === null
    ? undefined
    : bad.read(
        check,
        () => atField(names.batch(job), archive),
        () => withId(archive, JSON.parse(text), "archive"),
      );

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
    const text = await unlessWrongType<string | null>(connection, typesOf(job), null, () =>
      connection.command("HGET", names.batch(job), archive),
    );
    return toItem(connection, job, archive, text);
  },
  list: async (job, { outcome }, page, size) => {
    const order = outcome === undefined ? orderOf(job) : outcomeOf(job, outcome);
    const args = { first: (page - 1) * size, last: page * size - 1 };
    const keys = { order, items: names.batch(job) };
    const [total, archives, texts] = await unlessWrongType<[number, string[], (string | null)[]]>(
      connection,
      { ...typesOf(job), [order]: "zset" },
      [0, [], []],
      () => connection.run(ITEMS, keys, args),
    );
    return {
      total,
      items: archives.flatMap((one, n) => toItem(connection, job, one, texts[n] ?? null) ?? []),
    };
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
  local items = {}
  for i = 1, #found, 2 do items[#items + 1] = {found[i], redis.call('HGET', key.items, found[i])} end
  return {found[#found] or false, items}
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
      const [last, found] = await unlessWrongType<[string | null, [string, string | null][]]>(
        connection,
        typesOf(job),
        [null, []],
        () => connection.run(REPORTS, keys, { after: place }),
      );
      if (last === null) {
        const next = await unlessWrongType<string | null>(connection, { [names.jobs]: "zset" }, null, () =>
          connection.run(NEXT_WITH_REPORTS, {}, { after: job }),
        );
        if (next === null) return;
        [job, place] = [Number(next), 0];
        continue;
      }
      place = Number(last);
      const records = found.flatMap(([archive, text]) => {
        const item = toItem(connection, job, archive, text);
        return item ? [{ job, item }] : [];
      });
      yield { records, position: JSON.stringify([job, place]) };
    }
  },
  async put(records) {
    for (const [job, items] of byJob(records)) await putItems(connection, job, items);
  },
});
