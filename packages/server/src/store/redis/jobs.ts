import type { JobClaims, JobRecord, JobStore } from "../types.ts";
import { batchParts } from "./batches.ts";
import { CLOCK } from "./clock.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";
import { toMap } from "./reply.ts";
import { WHEN_FULL } from "./when-full.ts";

/** How much is removed by one script, which keeps all others waiting. */
const PRUNE_AT_ONCE = 500;

/** A job's key begins so. */
const JOB = names.job("");
const IN = names.jobsIn("");
const BATCH = names.batch("");
/** What a batch has beside its items, as Lua writes a list. */
const PARTS = batchParts.map((part) => `'${part}'`).join();

/** Puts a job among those that wait: the highest priority first, and of one priority the oldest. */
export const WAIT = `
  local function wait(key, id)
    redis.call('ZADD', key, -tonumber(redis.call('HGET', '${JOB}' .. id, 'priority')), string.format('%015d', id))
  end
`;

/** KEYS: the counts, all jobs, those of its state, those that wait. ARGV: the fields. */
const CREATE = script(`${WAIT}
  local id = redis.call('HINCRBY', KEYS[1], 'job', 1)
  redis.call('HSET', '${JOB}' .. id, unpack(ARGV))
  wait(KEYS[4], id)
  redis.call('ZADD', KEYS[2], id, id)
  redis.call('ZADD', KEYS[3], id, id)
  return id
`);

const PAGE = script(`
  local jobs = {}
  for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], ARGV[1], ARGV[2])) do
    jobs[#jobs + 1] = {id, redis.call('HGETALL', '${JOB}' .. id)}
  end
  return {redis.call('ZCARD', KEYS[1]), jobs}
`);

/**
 * KEYS: the job, those that ended, that wait, that are claimed. ARGV: its id, the time of its end or "", the claim or "", its new
 * state or "", then the fields. A job that ended stays; one that is to run again waits.
 */
const UPDATE = script(`${WAIT}
  local state, claim = unpack(redis.call('HMGET', KEYS[1], 'state', 'claim'))
  if not state or state == 'finished' or state == 'failed' then return false end
  if ARGV[3] ~= '' and claim ~= ARGV[3] then return false end
  redis.call('HSET', KEYS[1], unpack(ARGV, 5))
  local now = ARGV[4] == '' and state or ARGV[4]
  if now ~= state then
    redis.call('ZREM', '${IN}' .. state, ARGV[1])
    redis.call('ZADD', '${IN}' .. now, ARGV[1], ARGV[1])
    if state == 'inactive' then redis.call('ZREM', KEYS[3], string.format('%015d', ARGV[1])) end
    if now ~= 'active' then
      redis.call('HDEL', KEYS[1], 'claim')
      redis.call('ZREM', KEYS[4], ARGV[1])
    end
    if now == 'inactive' then wait(KEYS[3], ARGV[1]) end
  end
  if ARGV[2] ~= '' then redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1]) end
  return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: those that ended, all jobs. ARGV: a time, how many at most. Answers how many there were. */
const PRUNE = script(`
  local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
  for _, id in ipairs(ids) do
    local state = redis.call('HGET', '${JOB}' .. id, 'state')
    if state then redis.call('ZREM', '${IN}' .. state, id) end
    redis.call('DEL', '${JOB}' .. id, '${BATCH}' .. id)
    for _, part in ipairs({${PARTS}}) do redis.call('DEL', '${BATCH}' .. id .. ':' .. part) end
    redis.call('ZREM', KEYS[1], id)
    redis.call('ZREM', KEYS[2], id)
  end
  return #ids
`);

/** KEYS: those that are claimed, those that wait, the counts. ARGV: a claim's life. By Redis' own clock. */
const NEXT = script(`${CLOCK}
  local now = clock()
  local id = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
  local lost = id
  if not id then
    local first = redis.call('ZPOPMIN', KEYS[2])[1]
    if not first then return false end
    id = string.format('%d', first)
  end
  local claim = redis.call('HINCRBY', KEYS[3], 'claim', 1)
  redis.call('HSET', '${JOB}' .. id, 'claim', claim)
  redis.call('ZADD', KEYS[1], now + ARGV[1], id)
  local more = lost or redis.call('EXISTS', KEYS[2]) == 1
  return {id, redis.call('HGETALL', '${JOB}' .. id), more and 1 or 0}
`);

/** KEYS: those that are claimed. ARGV: a claim's life, then ids and claims. Answers the ids that have another claim. */
const RENEW = script(`${CLOCK} ${WHEN_FULL}
  local now, lost = clock(), {}
  for i = 2, #ARGV, 2 do
    if redis.call('HGET', '${JOB}' .. ARGV[i], 'claim') == ARGV[i + 1] then
      redis.call('ZADD', KEYS[1], 'XX', now + ARGV[1], ARGV[i])
    else lost[#lost + 1] = tonumber(ARGV[i]) end
  end
  return lost
`);

type Fields = Omit<JobRecord, "id">;

/** Those that are kept as they are; all others are kept as JSON. */
const PLAIN: ReadonlySet<string> = new Set(["task", "state"]);

/** A job's fields as its hash has them. */
export const toArgs = (fields: Partial<Fields>): string[] =>
  Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [name, PLAIN.has(name) ? String(value) : JSON.stringify(value)];
  });

export const toJob = (id: number, reply: unknown): JobRecord | undefined => {
  const fields = toMap(reply);
  if (fields.size === 0) return undefined;
  fields.delete("claim");
  const values = [...fields].map(([name, text]) => [name, PLAIN.has(name) ? text : JSON.parse(text)]);
  return { id, ...(Object.fromEntries(values) as Fields) };
};

/** The jobs of a Redis. */
export const createJobStore = (connection: Connection): JobStore => {
  const range = async (key: string, first: number, last: number) => {
    const reply = await connection.run(PAGE, [key], [first, last]);
    const [total, found] = reply as [number, [string, unknown][]];
    return { total, items: found.flatMap(([id, fields]) => toJob(Number(id), fields) ?? []) };
  };

  return {
    create: async (job, now) => {
      const made: Fields = {
        ...job,
        state: "inactive",
        error: null,
        result: null,
        attempts: 1,
        retries: 0,
        created: now,
        started: null,
        finished: null,
      };
      const keys = [names.counts, names.jobs, names.jobsIn(made.state), names.jobsWaiting];
      return { id: (await connection.run(CREATE, keys, toArgs(made))) as number, ...made };
    },
    get: async (id) => toJob(id, await connection.command("HGETALL", names.job(id))),
    list: ({ state }, page, size) =>
      range(state === undefined ? names.jobs : names.jobsIn(state), (page - 1) * size, page * size - 1),
    inStates: async (...states) => {
      const ranges = await Promise.all(states.map((state) => range(names.jobsIn(state), 0, -1)));
      return ranges.flatMap(({ items }) => items).sort((a, b) => b.priority - a.priority || a.id - b.id);
    },
    update: async (id, patch, claim = "") => {
      const args = toArgs(patch);
      if (args.length === 0) return undefined;
      const keys = [names.job(id), names.jobsEnded, names.jobsWaiting, names.jobsClaimed];
      const given = [id, patch.finished ?? "", claim, patch.state ?? "", ...args];
      return toJob(id, await connection.run(UPDATE, keys, given));
    },
    prune: async (before) => {
      const keys = [names.jobsEnded, names.jobs];
      while ((await connection.run(PRUNE, keys, [before, PRUNE_AT_ONCE])) === PRUNE_AT_ONCE);
    },
  };
};

/** Hands out the jobs of a Redis. A claim is a number, larger than any before. */
export const createJobClaims = (connection: Connection): JobClaims => ({
  next: async (lifeMs) => {
    const keys = [names.jobsClaimed, names.jobsWaiting, names.counts];
    const reply = (await connection.run(NEXT, keys, [lifeMs])) as [string, unknown, number] | null;
    if (reply === null) return undefined;
    const [id, fields, more] = reply;
    const job = toJob(Number(id), fields);
    return job && { job, claim: toMap(fields).get("claim") ?? "", more: more === 1 };
  },
  renew: async (claims, lifeMs) =>
    (await connection.run(RENEW, [names.jobsClaimed], [lifeMs, ...[...claims].flat()])) as number[],
});
