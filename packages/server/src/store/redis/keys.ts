import { recordCheck } from "../bad-records.ts";
import { KeyRecord } from "../contract/keys.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import { onePage } from "../record-streams.ts";
import type { KeyStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { CONFIG, names } from "./names.ts";
import { atField, unlessWrongType, withId } from "./records.ts";
import { LOG_CHANGE, script, toMap } from "./script.ts";

const [KEYS, NAMES, USES] = [names.keys, names.keyNames, names.keyUses];

/** The order of creation stands before the record. */
const CREATE = script(`
  if redis.call('HEXISTS', '${KEYS}', arg.id) == 1 or redis.call('HEXISTS', '${NAMES}', arg.name) == 1 then return 0 end
  local order = redis.call('HINCRBY', '${names.counts}', 'key', 1)
  redis.call('HSET', '${KEYS}', arg.id, order .. ' ' .. arg.record)
  redis.call('HSET', '${NAMES}', arg.name, arg.id)
  if arg.used then redis.call('HSET', '${USES}', arg.id, arg.used) end
  return 1
`);

const GET = script(`return {redis.call('HGET', '${KEYS}', arg.id), redis.call('HGET', '${USES}', arg.id)}`);
const LIST = script(`return {redis.call('HGETALL', '${KEYS}'), redis.call('HGETALL', '${USES}')}`);

const DELETE = script(`${LOG_CHANGE}
  local id = redis.call('HGET', '${NAMES}', arg.name)
  if not id then return 0 end
  redis.call('HDEL', '${KEYS}', id)
  redis.call('HDEL', '${NAMES}', arg.name)
  redis.call('HDEL', '${USES}', id)
  logChange('keys')
  return 1
`);

const USED = script(`
  if redis.call('HEXISTS', '${KEYS}', arg.id) == 1 then redis.call('HSET', '${USES}', arg.id, arg.at) end
`);

const FIRST = script(`
  redis.call('SET', '${names.firstKey}', arg.candidate, 'NX')
  return redis.call('GET', '${names.firstKey}')
`);

const REPLACE_FIRST = script(`${LOG_CHANGE}
  if redis.call('GET', '${names.firstKey}') ~= arg.before then return 0 end
  redis.call('SET', '${names.firstKey}', arg.next)
  logChange('keys')
  return 1
`);

const HASHES = { [KEYS]: "hash", [USES]: "hash" } as const;
const check = recordCheck(KeyRecord);

const toKey = (
  { bad }: Connection,
  id: string,
  text: string,
  used: string | null | undefined,
): { order: number; key: KeyRecord } | undefined => {
  const at = text.indexOf(" ");
  const key = bad.read(
    check,
    () => atField(KEYS, id),
    () => ({
      ...(withId(id, JSON.parse(text.slice(at + 1))) as object),
      lastUsed: used ? Number(used) : null,
    }),
  );
  return key && { order: Number(text.slice(0, at)), key };
};

export const createKeyStore = (connection: Connection): KeyStore => ({
  shared: async () =>
    (await unlessWrongType<string | null>(connection, { [CONFIG]: "hash" }, null, () =>
      connection.command("HGET", CONFIG, "apikey"),
    )) || undefined,
  first: async (candidate) => connection.run<string>(FIRST, {}, { candidate }),
  replaceFirst: async (before, next) => (await connection.run(REPLACE_FIRST, {}, { before, next })) === 1,
  create: async (key) => {
    const args = { id: key.id, name: key.name, record: JSON.stringify(key), used: key.lastUsed };
    return (await connection.run(CREATE, {}, args)) === 1;
  },
  get: async (id) => {
    const [text, used] = await unlessWrongType<(string | null)[]>(connection, HASHES, [], () =>
      connection.run(GET, {}, { id }),
    );
    return text ? toKey(connection, id, text, used)?.key : undefined;
  },
  list: async () => {
    const reply = await unlessWrongType<unknown[]>(connection, HASHES, [], () => connection.run(LIST));
    const [keys, uses] = reply.map(toMap);
    return [...(keys ?? [])]
      .flatMap(([id, text]) => toKey(connection, id, text, uses?.get(id)) ?? [])
      .sort((a, b) => a.key.created - b.key.created || a.order - b.order)
      .map(({ key }) => key);
  },
  delete: async (name) => (await connection.run(DELETE, {}, { name })) === 1,
  used: async (id, at) => void (await connection.run(USED, {}, { id, at })),
});

/** A key that exists keeps its place. */
const PUT_KEY = script(`
  local stored = redis.call('HGET', '${KEYS}', arg.id)
  local order = stored and string.match(stored, '^%d+') or redis.call('HINCRBY', '${names.counts}', 'key', 1)
  local owners = redis.call('HGETALL', '${NAMES}')
  for i = 1, #owners, 2 do
    if owners[i + 1] == arg.id then redis.call('HDEL', '${NAMES}', owners[i]) end
  end
  redis.call('HSET', '${KEYS}', arg.id, order .. ' ' .. arg.record)
  redis.call('HSET', '${NAMES}', arg.name, arg.id)
  redis.call('HDEL', '${USES}', arg.id)
  if arg.used then redis.call('HSET', '${USES}', arg.id, arg.used) end
`);

export const keyStream = (connection: Connection, { list }: KeyStore): RecordStream<KeyRecord> => ({
  pages: onePage(list),
  async put(records) {
    for (const key of records) {
      const { id, name, lastUsed: used } = key;
      await connection.run(PUT_KEY, {}, { id, name, used, record: JSON.stringify(key) });
    }
  },
});
