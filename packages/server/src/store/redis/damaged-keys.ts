import { isHitagiError, JobState, toNamespace } from "@hitagi/contract";
import { printable } from "../bad-records.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { atKeys, type KeyTypes, noteWrongType } from "./records.ts";
import { replyKind } from "./redis-error.ts";
import { CLOCK, FIELDS, PAGE, script } from "./script.ts";

/** The keys that hold no record: what servers tell each other, counters, and indexes that are made again out of records. */
const TYPES: KeyTypes = {
  [names.store]: "hash",
  [names.copyMark]: "hash",
  [names.counts]: "hash",
  [names.nodes]: "zset",
  [names.nodeStates]: "hash",
  [names.changes]: "zset",
  [names.revisions]: "hash",
  [names.events]: "stream",
  [names.eventsRun]: "string",
  [names.pendingArtifacts]: "zset",
  [names.references]: "zset",
  [names.firstKey]: "string",
  [names.keyNames]: "hash",
  [names.keyUses]: "hash",
  [names.archiveFiles]: "hash",
  [names.archiveOrder]: "zset",
  [names.archiveChanges]: "stream",
  [names.jobs]: "zset",
  [names.jobsEnded]: "zset",
  [names.jobsOnce]: "hash",
  [names.jobsWaiting]: "zset",
  [names.jobsDelayed]: "zset",
  [names.jobsClaimed]: "zset",
  ...Object.fromEntries(JobState.enum.map((state) => [names.jobsIn(state), "zset" as const])),
};

/** Fields of the counters. */
const COUNTERS = [
  "archive",
  "cache",
  "claim",
  "history",
  "index",
  "job",
  "key",
  "lock",
  "registry",
  "revision",
  "version",
];

const JOB = names.job("");

/** Lua: makes the indexes of the records again. What is in an index stays as it is. */
const INDEX = `
  local function all(key)
    local found = fields(key)
    return type(found) == 'table' and found or {}
  end
  local function indexArchives()
    local archives, stored = {}, all('${names.archives}')
    for i = 1, #stored, 2 do
      local isRead, record = pcall(cjson.decode, stored[i + 1])
      if isRead and type(record) == 'table' and type(record.file) == 'string' then
        archives[#archives + 1] = {id = stored[i], file = record.file, added = tonumber(record.added) or 0}
      end
    end
    table.sort(archives, function(a, b) return a.added == b.added and a.id < b.id or a.added < b.added end)
    for _, one in ipairs(archives) do
      redis.call('HSETNX', '${names.archiveFiles}', one.file, one.id)
      if not redis.call('ZSCORE', '${names.archiveOrder}', one.id) then
        redis.call('ZADD', '${names.archiveOrder}', redis.call('HINCRBY', '${names.counts}', 'archive', 1), one.id)
      end
    end
  end
  local function indexKeys()
    local stored = all('${names.keys}')
    for i = 1, #stored, 2 do
      local isRead, record = pcall(cjson.decode, string.match(stored[i + 1], ' (.*)') or '')
      if isRead and type(record) == 'table' and type(record.name) == 'string' then
        redis.call('HSETNX', '${names.keyNames}', record.name, stored[i])
      end
    end
  end
  local states = {${JobState.enum.map((state) => `${state} = true`).join()}}
  local function indexJob(id)
    local found = redis.pcall('HMGET', '${JOB}' .. id, 'state', 'priority', 'finished', 'once', 'delayed')
    if found.err or not states[found[1]] then return end
    if found[4] then redis.call('HSETNX', '${names.jobsOnce}', found[4], id) end
    redis.call('ZADD', '${names.jobs}', id, id)
    redis.call('ZADD', '${names.jobsIn("")}' .. found[1], id, id)
    if found[1] == 'inactive' and (tonumber(found[5]) or 0) > clock() / 1000 then
      redis.call('ZADD', '${names.jobsDelayed}', found[5], id)
    elseif found[1] == 'inactive' then
      redis.call('ZADD', '${names.jobsWaiting}', -(tonumber(found[2]) or 0), string.format('%015d', id))
    elseif found[1] == 'active' then
      -- A worker that still runs it renews its claim in this time.
      redis.call('ZADD', '${names.jobsClaimed}', 'NX', clock() + 60000, id)
    elseif tonumber(found[3]) then
      redis.call('ZADD', '${names.jobsEnded}', found[3], id)
    end
  end
  local function indexJobs()
    local cursor = '0'
    repeat
      local page = redis.call('SCAN', cursor, 'MATCH', '${JOB}*', 'COUNT', ${PAGE})
      cursor = page[1]
      for _, key in ipairs(page[2]) do
        local id = string.match(key, '^${JOB}(%d+)$')
        if id and #id <= 15 then indexJob(id) end
      end
    until cursor == '0'
  end
`;

/**
 * Moves keys of another type, and values that cannot be used, to keys of their own, and answers what it moved. Each counter
 * that is lost goes on at the clock, above all that it has given.
 */
const MEND = script(`${CLOCK} ${FIELDS} ${INDEX}
  local now, moved = string.format('%d', clock()), {}
  local function aside(name) return '${names.setAside("")}' .. string.sub(name, ${names.setAside("").indexOf(":") + 2}) .. ':' .. now end
  local function note(name, reason) moved[#moved + 1] = {name, reason, aside(name)} end
  local function move(name, reason)
    redis.call('RENAME', name, aside(name))
    note(name, reason)
  end
  for n, name in ipairs(arg.names) do
    local found = redis.call('TYPE', name).ok
    if found ~= 'none' and found ~= arg.types[n] then move(name, 'it is a ' .. found .. ', not a ' .. arg.types[n]) end
  end
  local function moveField(name, field, value, reason)
    redis.call('HSET', aside(name), field, value)
    note(name, reason)
  end
  local counters = redis.call('HGETALL', '${names.counts}')
  for i = 1, #counters, 2 do
    local value = counters[i + 1]
    if #value > 15 or not string.match(value, '^%d+$') then
      moveField('${names.counts}', counters[i], value, 'a counter is no number')
      redis.call('HSET', '${names.counts}', counters[i], now)
    end
  end
  local layout = redis.call('HGET', '${names.store}', 'layout')
  if layout and not string.match(layout, '^%d+$') then
    moveField('${names.store}', 'layout', layout, 'layout is no number')
    redis.call('HDEL', '${names.store}', 'layout')
  end
  if redis.call('EXISTS', '${names.copyMark}') == 1 and redis.call('HEXISTS', '${names.copyMark}', 'source') == 0 then
    move('${names.copyMark}', 'it names no source')
  end
  local isMoved = {}
  for _, one in ipairs(moved) do isMoved[one[1]] = true end
  if isMoved['${names.counts}'] then
    for _, name in ipairs(arg.counters) do redis.call('HSETNX', '${names.counts}', name, now) end
  end
  if isMoved['${names.archiveFiles}'] or isMoved['${names.archiveOrder}'] then indexArchives() end
  if isMoved['${names.keyNames}'] then indexKeys() end
  for name in pairs(isMoved) do
    if string.sub(name, 1, ${names.jobs.length}) == '${names.jobs}' then
      indexJobs()
      break
    end
  end
  return moved
`);

type Moved = [name: string, reason: string, aside: string];

/**
 * Puts keys aside that hold no record and cannot be used, so that they end no other work. They stay stored under another name,
 * and are noted as bad records.
 */
export const mendKeys = async (connection: Connection): Promise<void> => {
  const args = { names: Object.keys(TYPES), types: Object.values(TYPES), counters: COUNTERS };
  const moved = await connection.run<Moved[]>(MEND, {}, args);
  for (const [name, reason, aside] of moved) {
    connection.bad.note({ ...atKeys(aside), reason: `it was ${name}: ${printable(reason)}` });
  }
};

/** The keys that a read of all records leaves out, by their prefix. */
const TYPES_BELOW: KeyTypes = {
  [names.cache("")]: "hash",
  [names.requests(toNamespace(""))]: "list",
  [names.pluginLog(toNamespace(""))]: "stream",
  [names.artifact("")]: "hash",
};

/** Notes keys beside the records that cannot be used, and those that {@link mendKeys} has put aside. */
export const noteDamagedKeys = async (connection: Connection): Promise<void> => {
  await mendKeys(connection);
  for (const aside of await connection.scan(`${names.setAside("")}*`)) {
    connection.bad.note({
      ...atKeys(aside),
      reason: "it could not be used, and was put aside under this name",
    });
  }
  for (const [prefix, type] of Object.entries(TYPES_BELOW)) {
    const keys = await connection.scan(`${prefix}*`);
    for (const key of keys.filter((one) => !/:(?:ORDER|EXPIRES)$/.test(one))) {
      await noteWrongType(connection, key, type);
    }
  }
};

const mayBeDamage = (e: unknown): boolean =>
  isHitagiError(e, "STORE_FAILED") && ["ERR", "WRONGTYPE"].includes(replyKind(e.cause));

/** A connection that mends the keys after a failed command. The command itself still fails: it may have done a part. */
export const withMending = (connection: Connection): Connection => {
  const mending = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (e) {
      if (mayBeDamage(e)) await mendKeys(connection).catch(() => {});
      throw e;
    }
  };
  return {
    ...connection,
    run: (...given) => mending(() => connection.run(...given)),
    runForBytes: (...given) => mending(() => connection.runForBytes(...given)),
    runIdempotent: (...given) => mending(() => connection.runIdempotent(...given)),
    command: (...given) => mending(() => connection.command(...given)),
    bytes: (...given) => mending(() => connection.bytes(...given)),
  };
};
