import { type BatchCounts, type BatchItem, batchOutcomes, HitagiError } from "@hitagi/contract";
import type { BatchStore } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";

const ORDER = "ORDER";

/** What a batch has beside its items: their order, and those of each outcome. */
export const batchParts: readonly string[] = [ORDER, ...batchOutcomes];

export const orderOf = (job: number): string => `${names.batch(job)}:${ORDER}`;
/** The archives of an outcome, in the order in which they were first noted. */
export const outcomeOf = (job: number, outcome: string): string => `${names.batch(job)}:${outcome}`;

/** KEYS: the job, its items, their order, then those of each outcome. ARGV: the archive, the outcome's number, the item. */
const PUT = script(`
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  redis.call('ZADD', KEYS[3], 'NX', redis.call('ZCARD', KEYS[3]) + 1, ARGV[1])
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
  for i = 4, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
  redis.call('ZADD', KEYS[3 + tonumber(ARGV[2])], redis.call('ZSCORE', KEYS[3], ARGV[1]), ARGV[1])
  return 1
`);

const PAGE = script(`
  local archives = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2])
  return {redis.call('ZCARD', KEYS[1]), #archives > 0 and redis.call('HMGET', KEYS[2], unpack(archives)) or {}}
`);

const COUNTS = script(`
  local counts = {}
  for i = 1, #KEYS do counts[i] = redis.call('ZCARD', KEYS[i]) end
  return counts
`);

export const toItem = (text: string): BatchItem => JSON.parse(text) as BatchItem;

/** What batches did, in a Redis. It goes when its job is pruned. */
export const createBatchStore = (connection: Connection): BatchStore => {
  const outcomes = (job: number): string[] => batchOutcomes.map((outcome) => outcomeOf(job, outcome));

  return {
    put: async (job, item) => {
      const keys = [names.job(job), names.batch(job), orderOf(job), ...outcomes(job)];
      const args = [item.archive, batchOutcomes.indexOf(item.outcome) + 1, JSON.stringify(item)];
      if ((await connection.run(PUT, keys, args)) === 0) throw new HitagiError("JOB_NOT_FOUND", { id: job });
    },
    get: async (job, archive) => {
      const text = (await connection.command("HGET", names.batch(job), archive)) as string | null;
      return text === null ? undefined : toItem(text);
    },
    list: async (job, { outcome }, page, size) => {
      const key = outcome === undefined ? orderOf(job) : outcomeOf(job, outcome);
      const args = [(page - 1) * size, page * size - 1];
      const [total, texts] = (await connection.run(PAGE, [key, names.batch(job)], args)) as [
        number,
        string[],
      ];
      return { total, items: texts.map(toItem) };
    },
    counts: async (job) => {
      const counts = (await connection.run(COUNTS, outcomes(job))) as number[];
      return Object.fromEntries(batchOutcomes.map((outcome, n) => [outcome, counts[n] ?? 0])) as BatchCounts;
    },
    ended: async (job) =>
      (await connection.command("ZDIFF", 2, orderOf(job), outcomeOf(job, "pending"))) as string[],
  };
};
