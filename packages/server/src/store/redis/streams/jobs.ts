import { JobState } from "@hitagi/contract";
import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import type { JobRecord } from "../../types.ts";
import { orderOf, putItems, toItem } from "../batches.ts";
import type { Connection } from "../connection.ts";
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
const PUT = script(`${ENQUEUE}
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
      const reply = (await connection.run(NEXT, {}, { after: position })) as [string, unknown][];
      const last = reply.at(-1);
      if (!last) return;
      [position] = last;
      yield { records: reply.flatMap(([id, fields]) => toJob(Number(id), fields) ?? []), position };
    }
  },
  put: async (records) => {
    const put = ({ id, ...job }: JobRecord): Promise<unknown> => {
      const { state, finished } = job;
      return connection.run(PUT, { job: names.job(id) }, { id, state, finished, fields: toFields(job) });
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
      const reply = await connection.run(REPORTS, keys, { after: place });
      const [last, texts] = reply as [string | null, string[]];
      if (last === null) {
        const next = (await connection.run(NEXT_WITH_REPORTS, {}, { after: job })) as string | null;
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
