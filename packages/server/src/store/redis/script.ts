import { createHash } from "node:crypto";
import { Undecodable } from "../bad-records.ts";
import { names } from "./names.ts";

/** Lua that Redis runs as one atomic step. */
export interface Script {
  readonly lua: string;
  /** The name by which Redis knows a script that it has run before. */
  readonly sha1: string;
}

export type Value = string | number | Buffer;
type Named<V> = Readonly<Record<string, V | readonly V[] | false | null | undefined>>;
export type Keys = Named<string>;
export type Args = Named<Value | true>;

/** Makes `key` and `arg` out of KEYS and ARGV. The first two of ARGV list the names; a list's name is followed by its length. */
const NAMED = `
  local function named(layout, values, at)
    local found = {}
    for name, size in string.gmatch(layout, '(%w+):?(%d*)') do
      if size == '' then
        found[name] = values[at]
        at = at + 1
      else
        found[name] = {}
        for n = 1, tonumber(size) do found[name][n] = values[at + n - 1] end
        at = at + tonumber(size)
      end
    end
    return found
  end
  local key, arg = named(ARGV[1], KEYS, 1), named(ARGV[2], ARGV, 3)
`;

/** @param body Lua that finds the keys and arguments of a call by name in `key` and `arg`: text, or a table of texts for a list */
export const script = (body: string): Script => {
  const lua = NAMED + body;
  return { lua, sha1: createHash("sha1").update(lua).digest("hex") };
};

const flatten = <V>(named: Named<V>): { layout: string; values: V[] } => {
  const layout: string[] = [];
  const values: V[] = [];
  for (const [name, value] of Object.entries(named)) {
    if (value === undefined || value === null || value === false) continue;
    const isList = Array.isArray(value);
    layout.push(isList ? `${name}:${value.length}` : name);
    for (const one of isList ? (value as readonly V[]) : [value as V]) values.push(one);
  }
  return { layout: layout.join(" "), values };
};

/** What follows the script in EVAL. What is absent, null or false is nil in Lua. */
export const encodeCall = (keys: Keys, args: Args): Value[] => {
  const [k, a] = [flatten(keys), flatten(args)];
  const values = a.values.map((value) => (value === true ? 1 : value));
  return [k.values.length, ...k.values, k.layout, a.layout, ...values];
};

/** Lua: `clock()`, the milliseconds of Redis' clock. */
export const CLOCK = `
  local function clock()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
  end
`;

/**
 * Lua for the start of scripts that must run when Redis' memory is full, and that use almost none. Redis then refuses a
 * script's first write, but allows removals, and every write after one.
 */
export const WHEN_FULL = `redis.call('HDEL', '${names.store}', '')`;

/** Lua: `setFields(hash, pairs, removed)`. */
export const SET_FIELDS = `
  local function setFields(hash, pairs, removed)
    for i = 1, #pairs, 2 do redis.call('HSET', hash, pairs[i], pairs[i + 1]) end
    for _, field in ipairs(removed) do redis.call('HDEL', hash, field) end
  end
`;

/** Lua: `fields(key)`, the fields of a hash; the name of its type if the key holds another one. */
export const FIELDS = `
  local function fields(key)
    local found = redis.pcall('HGETALL', key)
    if not found.err then return found end
    local type = redis.call('TYPE', key).ok
    return type == 'hash' and redis.call('HGETALL', key) or type
  end
`;

/**
 * A hash as a script answers it: names and values in turn. A map, because a name may be `__proto__`.
 * @throws Undecodable for the name of another type
 */
export const toMap = (reply: unknown): Map<string, string> => {
  if (typeof reply === "string") throw new Undecodable(`it is a ${reply}, not a hash`);
  const flat = (reply ?? []) as string[];
  return new Map(
    Array.from({ length: flat.length / 2 }, (_, n) => [flat[2 * n] ?? "", flat[2 * n + 1] ?? ""]),
  );
};

/** A whole number that was written as text; the fallback for anything else. */
export const wholeNumber = (text: string | undefined, fallback: number): number =>
  text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : fallback;

/** A value that was written as JSON; undefined if it is missing. */
export const fromJson = <T>(text: string | null | undefined): T | undefined =>
  text === null || text === undefined || text === "" ? undefined : (JSON.parse(text) as T);

/** Records that one script reads or writes; it blocks all other clients. */
export const PAGE = 500;

/** How many of the last changes keep their mark. A node that missed more reads everything. */
const MARKED = 1000;

/**
 * Lua: `markOf(revision)`, "" for a change without a mark. A mark is the time of the change, so that two changes of one number
 * differ, of which Redis lost the first.
 */
export const MARK_OF = `
  local function markOf(revision)
    local stored = redis.call('HGET', '${names.revisions}', revision % ${MARKED})
    local number, mark = string.match(stored or '', '^(%d+) (.+)$')
    return number and tonumber(number) == revision and mark or ''
  end
`;

/**
 * Lua: `logChange(topic)` counts a change that other nodes apply, in the same step, and publishes a hint. Call it last: if the
 * hint cannot be published, nothing is left undone.
 */
export const LOG_CHANGE = `
  local function logChange(topic)
    local revision = redis.call('HINCRBY', '${names.counts}', 'revision', 1)
    local time = redis.call('TIME')
    redis.call('HSET', '${names.revisions}', revision % ${MARKED}, revision .. ' ' .. time[1] .. '.' .. time[2])
    redis.call('ZADD', '${names.changes}', revision, topic)
    redis.pcall('PUBLISH', '${names.changed}', revision)
  end
`;
