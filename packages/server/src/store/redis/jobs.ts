import { JobState } from "@hitagi/contract";
import { recordCheck } from "../bad-records.ts";
import { JobRecord, waitingJob } from "../contract/jobs.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import type { JobClaims, JobStore, NewJob } from "../types.ts";
import { batchParts } from "./batches.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { atKeys, unlessWrongType } from "./records.ts";
import { CLOCK, FIELDS, PAGE, script, toMap, WHEN_FULL } from "./script.ts";

/** Jobs that one script removes; it blocks all other clients. */
const PRUNE_AT_ONCE = 500;

/** Delayed jobs that one script lets wait as others do. */
const DUE_AT_ONCE = 100;

const JOB = names.job("");
const IN = names.jobsIn("");
const BATCH = names.batch("");
const ONCE = names.jobsOnce;
const PARTS = batchParts.map((part) => `'${part}'`).join();

const WAITING = names.jobsWaiting;
const DELAYED = names.jobsDelayed;

/**
 * Lua: `enqueue(id)` puts a job among those that wait, the highest priority first, and of one priority the oldest; or, before its
 * time, among the delayed ones. `dequeue(id)` takes it from both.
 */
const ENQUEUE = `${CLOCK}
  local function dequeue(id)
    redis.call('ZREM', '${WAITING}', string.format('%015d', id))
    redis.call('ZREM', '${DELAYED}', id)
  end
  local function enqueue(id)
    local priority, delayed = unpack(redis.call('HMGET', '${JOB}' .. id, 'priority', 'delayed'))
    if delayed and tonumber(delayed) > clock() / 1000 then redis.call('ZADD', '${DELAYED}', delayed, id)
    else redis.call('ZADD', '${WAITING}', -tonumber(priority), string.format('%015d', id)) end
  end
`;

const CREATE = script(`${ENQUEUE}
  local id = arg.once and redis.call('HGET', '${ONCE}', arg.once)
  if id and redis.call('EXISTS', '${JOB}' .. id) == 1 then return {tonumber(id), 0} end
  repeat id = redis.call('HINCRBY', '${names.counts}', 'job', 1) until redis.call('EXISTS', '${JOB}' .. id) == 0
  redis.call('HSET', '${JOB}' .. id, unpack(arg.fields))
  enqueue(id)
  redis.call('ZADD', '${names.jobs}', id, id)
  redis.call('ZADD', '${names.jobsIn("inactive")}', id, id)
  if arg.once then redis.call('HSET', '${ONCE}', arg.once, id) end
  return {id, 1}
`);

const GET = script(`${FIELDS} return fields(key.job)`);

const NEWEST = script(`${FIELDS}
  local jobs = {}
  for _, id in ipairs(redis.call('ZREVRANGE', key.ids, arg.first, arg.last)) do
    jobs[#jobs + 1] = {id, fields('${JOB}' .. id)}
  end
  return {redis.call('ZCARD', key.ids), jobs}
`);

/** A job that ended stays as it is. */
const UPDATE = script(`${ENQUEUE}
  local before, claim = unpack(redis.call('HMGET', key.job, 'state', 'claim'))
  if not before or before == 'finished' or before == 'failed' then return false end
  if arg.claim and claim ~= arg.claim then return false end
  redis.call('HSET', key.job, unpack(arg.fields))
  local state = arg.state or before
  if state ~= before then
    redis.call('ZREM', '${IN}' .. before, arg.id)
    redis.call('ZADD', '${IN}' .. state, arg.id, arg.id)
    if before == 'inactive' then dequeue(arg.id) end
    if state ~= 'active' then
      redis.call('HDEL', key.job, 'claim')
      redis.call('ZREM', '${names.jobsClaimed}', arg.id)
    end
    if state == 'inactive' then enqueue(arg.id) end
  elseif state == 'inactive' and arg.delayed then
    dequeue(arg.id)
    enqueue(arg.id)
  end
  if arg.finished then redis.call('ZADD', '${names.jobsEnded}', arg.finished, arg.id) end
  return redis.call('HGETALL', key.job)
`);

/** Answers how many jobs it removed. */
const PRUNE = script(`
  local ids = redis.call('ZRANGEBYSCORE', '${names.jobsEnded}', '-inf', '(' .. arg.before, 'LIMIT', 0, ${PRUNE_AT_ONCE})
  for _, id in ipairs(ids) do
    local found = redis.pcall('HMGET', '${JOB}' .. id, 'state', 'once')
    if found[1] then redis.call('ZREM', '${IN}' .. found[1], id) end
    if found[2] then redis.call('HDEL', '${ONCE}', found[2]) end
    redis.call('DEL', '${JOB}' .. id, '${BATCH}' .. id)
    for _, part in ipairs({${PARTS}}) do redis.call('DEL', '${BATCH}' .. id .. ':' .. part) end
    redis.call('ZREM', '${names.jobsEnded}', id)
    redis.call('ZREM', '${names.jobs}', id)
  end
  return #ids
`);

/** By Redis' clock, as claims of different workers are compared. */
const NEXT = script(`${ENQUEUE} ${FIELDS}
  local now = clock()
  for _, due in ipairs(redis.call('ZRANGEBYSCORE', '${DELAYED}', '-inf', now / 1000, 'LIMIT', 0, ${DUE_AT_ONCE})) do
    redis.call('ZREM', '${DELAYED}', due)
    if string.match(due, '^%d+$') and redis.call('EXISTS', '${JOB}' .. due) == 1 then enqueue(due) end
  end
  local lost = redis.call('ZRANGEBYSCORE', '${names.jobsClaimed}', '-inf', now, 'LIMIT', 0, 1)[1]
  local id = lost
  if not id then
    local first = redis.call('ZPOPMIN', '${WAITING}')[1]
    if not first then return false end
    id = string.format('%d', tonumber(first) or 0)
  end
  if redis.call('EXISTS', '${JOB}' .. id) == 0 then
    redis.call('ZREM', '${names.jobsClaimed}', id)
    return {id, {}, 1}
  end
  local claim = redis.call('HINCRBY', '${names.counts}', 'claim', 1)
  redis.pcall('HSET', '${JOB}' .. id, 'claim', claim)
  redis.call('ZADD', '${names.jobsClaimed}', now + arg.lifeMs, id)
  local more = lost or redis.call('EXISTS', '${WAITING}') == 1
  return {id, fields('${JOB}' .. id), more and 1 or 0}
`);

/** Answers the ids of jobs that have another claim. */
const RENEW = script(`${CLOCK} ${WHEN_FULL}
  local now, lost = clock(), {}
  for n, id in ipairs(arg.ids) do
    if redis.pcall('HGET', '${JOB}' .. id, 'claim') == arg.claims[n] then
      redis.call('ZADD', '${names.jobsClaimed}', 'XX', now + arg.lifeMs, id)
    else lost[#lost + 1] = tonumber(id) end
  end
  return lost
`);

type Fields = Omit<JobRecord, "id">;

/** The fields that are stored as they are; all others are stored as JSON. */
const PLAIN: ReadonlySet<string> = new Set(["task", "state", "once"]);

/** The fields of a job's hash. */
const toFields = (fields: Partial<Fields>): string[] =>
  Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [name, PLAIN.has(name) ? String(value) : JSON.stringify(value)];
  });

const check = recordCheck(JobRecord);

/** @param reply an answer of `fields` */
const toJob = ({ bad }: Connection, id: number, reply: unknown): JobRecord | undefined => {
  if (Array.isArray(reply) && reply.length === 0) return undefined;
  return bad.read(
    check,
    () => atKeys(names.job(id)),
    () => {
      const fields = [...toMap(reply)].filter(([name]) => name !== "claim");
      const values = fields.map(([name, text]) => [name, PLAIN.has(name) ? text : JSON.parse(text)]);
      return { ...Object.fromEntries(values), id };
    },
  );
};

export const createJobStore = (connection: Connection): JobStore => {
  const range = async (ids: string, first: number, last: number) => {
    const [total, found] = await unlessWrongType<[number, [string, unknown][]]>(
      connection,
      { [ids]: "zset" },
      [0, []],
      () => connection.run(NEWEST, { ids }, { first, last }),
    );
    return { total, items: found.flatMap(([id, fields]) => toJob(connection, Number(id), fields) ?? []) };
  };

  const get = async (id: number) => toJob(connection, id, await connection.run(GET, { job: names.job(id) }));
  const create = async (job: NewJob, now: number, once?: string) => {
    const made = waitingJob(job, now, once);
    const [id, isNew] = await connection.run<[number, number]>(CREATE, {}, { fields: toFields(made), once });
    return { job: { id, ...made }, isNew: isNew === 1 };
  };

  return {
    create: async (job, now) => (await create(job, now)).job,
    createOnce: async (job, once, now) => {
      const created = await create(job, now, once);
      return created.isNew ? created : { job: (await get(created.job.id)) ?? created.job, isNew: false };
    },
    get,
    list: ({ state }, page, size) =>
      range(state === undefined ? names.jobs : names.jobsIn(state), (page - 1) * size, page * size - 1),
    inStates: async (...states) => {
      const ranges = await Promise.all(states.map((state) => range(names.jobsIn(state), 0, -1)));
      return ranges.flatMap(({ items }) => items).sort((a, b) => b.priority - a.priority || a.id - b.id);
    },
    update: async (id, patch, claim) => {
      const fields = toFields(patch);
      if (fields.length === 0) return undefined;
      const { state, finished, delayed } = patch;
      const args = { id, claim, state, finished, delayed, fields };
      return toJob(connection, id, (await connection.run(UPDATE, { job: names.job(id) }, args)) ?? []);
    },
    prune: async (before) => {
      while ((await connection.run(PRUNE, {}, { before })) === PRUNE_AT_ONCE);
    },
  };
};

/** Hands out the jobs of a Redis. A claim is a number, larger than any before. */
export const createJobClaims = (connection: Connection): JobClaims => ({
  next: async (lifeMs) => {
    // A bad one is claimed like others, so that the next call does not get it.
    for (;;) {
      const reply = await connection.run<[string, unknown, number] | null>(NEXT, {}, { lifeMs });
      if (reply === null) return undefined;
      const [id, fields, more] = reply;
      const job = toJob(connection, Number(id), fields);
      if (job) return { job, claim: toMap(fields).get("claim") ?? "", more: more === 1 };
    }
  },
  renew: async (claims, lifeMs) => {
    const args = { ids: [...claims.keys()], claims: [...claims.values()], lifeMs };
    return connection.run<number[]>(RENEW, {}, args);
  },
});

const NEXT_PAGE = script(`${FIELDS}
  local jobs = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', '${names.jobs}', '(' .. arg.after, '+inf', 'LIMIT', 0, ${PAGE})) do
    jobs[#jobs + 1] = {id, fields('${JOB}' .. id)}
  end
  return jobs
`);

/** A job that was running counts as lost by its worker. */
const PUT_JOB = script(`${ENQUEUE}
  redis.call('DEL', key.job)
  redis.call('HSET', key.job, unpack(arg.fields))
  for _, state in ipairs({${JobState.enum.map((state) => `'${state}'`).join()}}) do
    redis.call('ZREM', '${IN}' .. state, arg.id)
  end
  redis.call('ZADD', '${IN}' .. arg.state, arg.id, arg.id)
  redis.call('ZADD', '${names.jobs}', arg.id, arg.id)
  redis.call('ZREM', '${names.jobsEnded}', arg.id)
  dequeue(arg.id)
  redis.call('ZREM', '${names.jobsClaimed}', arg.id)
  if arg.finished then redis.call('ZADD', '${names.jobsEnded}', arg.finished, arg.id) end
  if arg.once then redis.call('HSET', '${ONCE}', arg.once, arg.id) end
  if arg.state == 'inactive' then enqueue(arg.id) end
  if arg.state == 'active' then redis.call('ZADD', '${names.jobsClaimed}', 0, arg.id) end
`);

export const jobStream = (connection: Connection): RecordStream<JobRecord> => ({
  async *pages(after = "0") {
    for (let position = after; ; ) {
      const reply = await unlessWrongType<[string, unknown][]>(connection, { [names.jobs]: "zset" }, [], () =>
        connection.run(NEXT_PAGE, {}, { after: position }),
      );
      const last = reply.at(-1);
      if (!last) return;
      [position] = last;
      yield {
        records: reply.flatMap(([id, fields]) => toJob(connection, Number(id), fields) ?? []),
        position,
      };
    }
  },
  put: async (records) => {
    const put = ({ id, ...job }: JobRecord): Promise<unknown> => {
      const { state, finished, once } = job;
      const args = { id, state, finished, once, fields: toFields(job) };
      return connection.run(PUT_JOB, { job: names.job(id) }, args);
    };
    await Promise.all(records.map(put));
  },
});
