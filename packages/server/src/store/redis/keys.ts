import type { KeyRecord, KeyStore } from "../types.ts";
import { CHANGED } from "./changed.ts";
import { type Connection, script } from "./connection.ts";
import { CONFIG, names } from "./names.ts";
import { toMap } from "./reply.ts";

/** KEYS of every script: the keys, whose each name is, when each was used last, the counts. */
const KEYS = [names.keys, names.keyNames, names.keyUses, names.counts];

/** ARGV: id, name, the record, its last use or "". The order of creation stands before the record. */
const CREATE = script(`
  if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 or redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], redis.call('HINCRBY', KEYS[4], 'key', 1) .. ' ' .. ARGV[3])
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
  if ARGV[4] ~= '' then redis.call('HSET', KEYS[3], ARGV[1], ARGV[4]) end
  return 1
`);

const GET = script(`return {redis.call('HGET', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[3], ARGV[1])}`);
const LIST = script(`return {redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[3])}`);

const DELETE = script(`${CHANGED}
  local id = redis.call('HGET', KEYS[2], ARGV[1])
  if not id then return 0 end
  redis.call('HDEL', KEYS[1], id) redis.call('HDEL', KEYS[2], ARGV[1]) redis.call('HDEL', KEYS[3], id)
  changed('keys')
  return 1
`);

const USED = script(`
  if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[3], ARGV[1], ARGV[2]) end
`);

const FIRST = script(`
  redis.call('SET', KEYS[1], ARGV[1], 'NX')
  return redis.call('GET', KEYS[1])
`);

const REPLACE_FIRST = script(`${CHANGED}
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2])
  changed('keys')
  return 1
`);

const toKey = (text: string, used: string | null | undefined): { order: number; key: KeyRecord } => {
  const at = text.indexOf(" ");
  const record = JSON.parse(text.slice(at + 1)) as KeyRecord;
  return { order: Number(text.slice(0, at)), key: { ...record, lastUsed: used ? Number(used) : null } };
};

/** The named API keys of a Redis, and LANraragi's own. */
export const createKeyStore = (connection: Connection): KeyStore => ({
  shared: async () => ((await connection.command("HGET", CONFIG, "apikey")) as string | null) || undefined,
  first: async (candidate) => (await connection.run(FIRST, [names.firstKey], [candidate])) as string,
  replaceFirst: async (before, next) =>
    (await connection.run(REPLACE_FIRST, [names.firstKey], [before, next])) === 1,
  create: async (key) => {
    const args = [key.id, key.name, JSON.stringify(key), key.lastUsed ?? ""];
    return (await connection.run(CREATE, KEYS, args)) === 1;
  },
  get: async (id) => {
    const [text, used] = (await connection.run(GET, KEYS, [id])) as (string | null)[];
    return text ? toKey(text, used).key : undefined;
  },
  list: async () => {
    const [keys, uses] = ((await connection.run(LIST, KEYS)) as unknown[]).map(toMap);
    return [...(keys ?? [])]
      .map(([id, text]) => toKey(text, uses?.get(id)))
      .sort((a, b) => a.key.created - b.key.created || a.order - b.order)
      .map(({ key }) => key);
  },
  delete: async (name) => (await connection.run(DELETE, KEYS, [name])) === 1,
  used: async (id, at) => void (await connection.run(USED, KEYS, [id, at])),
});
