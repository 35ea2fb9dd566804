import { batchOutcomes, JobState } from "@hitagi/contract";
import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import type { JobRecord } from "../../types.ts";
import { orderOf, outcomeOf, toItem } from "../batches.ts";
import { type Connection, script } from "../connection.ts";
import { toArgs, toJob, WAIT } from "../jobs.ts";
import { names } from "../names.ts";
import { PAGE } from "./page.ts";

const JOB = names.job("");

/** KEYS: all jobs. ARGV: an id. Those after it. */
const NEXT = script(`
  local jobs = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'LIMIT', 0, ${PAGE})) do
    jobs[#jobs + 1] = {id, redis.call('HGETALL', '${JOB}' .. id)}
  end
  return jobs
`);

/**
 * KEYS: the job, all jobs, those that ended, that wait, that are claimed. ARGV: its id, the time of its end or "", the fields. One
 * that was running is nobody's: it counts as lost by its worker.
 */
const PUT = script(`${WAIT}
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], unpack(ARGV, 3))
  local state = redis.call('HGET', KEYS[1], 'state')
  for _, other in ipairs({${JobState.enum.map((state) => `'${state}'`).join()}}) do
    redis.call('ZREM', '${names.jobsIn("")}' .. other, ARGV[1])
  end
  redis.call('ZADD', '${names.jobsIn("")}' .. state, ARGV[1], ARGV[1])
  redis.call('ZADD', KEYS[2], ARGV[1], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  redis.call('ZREM', KEYS[4], string.format('%015d', ARGV[1]))
  redis.call('ZREM', KEYS[5], ARGV[1])
  if ARGV[2] ~= '' then redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1]) end
  if state == 'inactive' then wait(KEYS[4], ARGV[1]) end
  if state == 'active' then redis.call('ZADD', KEYS[5], 0, ARGV[1]) end
`);

export const jobStream = (connection: Connection): RecordStream<JobRecord> => ({
  async *pages(after = "0") {
    for (let position = after; ; ) {
      const reply = (await connection.run(NEXT, [names.jobs], [position])) as [string, unknown][];
      const last = reply.at(-1);
      if (!last) return;
      [position] = last;
      yield { records: reply.flatMap(([id, fields]) => toJob(Number(id), fields) ?? []), position };
    }
  },
  put: async (records) => {
    const put = ({ id, ...fields }: JobRecord): Promise<unknown> => {
      const lists = [names.jobs, names.jobsEnded, names.jobsWaiting, names.jobsClaimed];
      return connection.run(PUT, [names.job(id), ...lists], [id, fields.finished ?? "", ...toArgs(fields)]);
    };
    await Promise.all(records.map(put));
  },
});

/** KEYS: all jobs. ARGV: an id. The first job from it on that has reports; false for none. */
const WITH_REPORTS = script(`
  local from = '(' .. ARGV[1]
  while true do
    local ids = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'LIMIT', 0, ${PAGE})
    for _, id in ipairs(ids) do
      if redis.call('EXISTS', '${names.batch("")}' .. id) == 1 then return id end
    end
    if #ids == 0 then return false end
    from = '(' .. ids[#ids]
  end
`);

/** KEYS: the order of a job's reports, the reports. ARGV: a place. Those after it, and the place of the last. */
const REPORTS = script(`
  local found = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ${PAGE})
  local texts = {}
  for i = 1, #found, 2 do texts[#texts + 1] = redis.call('HGET', KEYS[2], found[i]) end
  return {found[#found] or false, texts}
`);

/** KEYS: the job, its reports, their order, then those of each outcome. ARGV: archive, the outcome's number and report of each. */
const REPORT = script(`
  if redis.call('EXISTS', KEYS[1]) == 0 then return end
  for i = 1, #ARGV, 3 do
    redis.call('ZADD', KEYS[3], 'NX', redis.call('ZCARD', KEYS[3]) + 1, ARGV[i])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
    for n = 4, #KEYS do redis.call('ZREM', KEYS[n], ARGV[i]) end
    redis.call('ZADD', KEYS[3 + tonumber(ARGV[i + 1])], redis.call('ZSCORE', KEYS[3], ARGV[i]), ARGV[i])
  end
`);

type Report = StreamRecords["batches"];

/** The reports by job, for each job in their order. */
const byJob = (records: readonly Report[]): Map<number, Report["item"][]> => {
  const jobs = new Map<number, Report["item"][]>();
  for (const { job, item } of records) jobs.set(job, [...(jobs.get(job) ?? []), item]);
  return jobs;
};

export const batchStream = (connection: Connection): RecordStream<Report> => ({
  async *pages(after = "[0,0]") {
    let [job, place] = JSON.parse(after) as [number, number];
    for (;;) {
      const keys = [orderOf(job), names.batch(job)];
      const [last, texts] = (await connection.run(REPORTS, keys, [place])) as [string | null, string[]];
      if (last === null) {
        const next = (await connection.run(WITH_REPORTS, [names.jobs], [job])) as string | null;
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
    for (const [job, items] of byJob(records)) {
      const outcomes = batchOutcomes.map((outcome) => outcomeOf(job, outcome));
      const keys = [names.job(job), names.batch(job), orderOf(job), ...outcomes];
      const args = items.flatMap((item) => [
        item.archive,
        batchOutcomes.indexOf(item.outcome) + 1,
        JSON.stringify(item),
      ]);
      await connection.run(REPORT, keys, args);
    }
  },
});
