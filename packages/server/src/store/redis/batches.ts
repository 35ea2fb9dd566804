import { type BatchCounts, type BatchItem, batchOutcomes, HitagiError } from "@hitagi/contract";
import type { BatchStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { script } from "./script.ts";

const ORDER = "ORDER";

/** The keys of a batch beside its items: their order, and the items of each outcome. */
export const batchParts: readonly string[] = [ORDER, ...batchOutcomes];

export const orderOf = (job: number): string => `${names.batch(job)}:${ORDER}`;
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

const PAGE = script(`
  local archives = redis.call('ZRANGE', key.order, arg.first, arg.last)
  return {redis.call('ZCARD', key.order), #archives > 0 and redis.call('HMGET', key.items, unpack(archives)) or {}}
`);

const COUNTS = script(`
  local counts = {}
  for n, outcome in ipairs(key.outcomes) do counts[n] = redis.call('ZCARD', outcome) end
  return counts
`);

export const toItem = (text: string): BatchItem => JSON.parse(text) as BatchItem;

/** Notes items of a batch; answers false and notes nothing if there is no such job. */
export const putItems = async (
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
      PAGE,
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
