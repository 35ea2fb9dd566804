import { type Credential, HitagiError, type Registry, type RegistryFields } from "@hitagi/contract";
import type { RegistryStore } from "../types.ts";
import { CHANGED } from "./changed.ts";
import { type Connection, script } from "./connection.ts";
import { FINGERPRINT } from "./fingerprint.ts";
import { CONFIG, names, REGISTRY_KEYS } from "./names.ts";
import { compareRegistries, type RegistryReply, toRegistry } from "./registry-record.ts";

/** What every id begins with; the name of a key without its digits is got by it. */
const REG = "REG_";

/** LANraragi's fields that a registry may lack; those of other names in its hash are not ours to touch. */
const OPTIONAL = ["url", "ref", "path"] as const;

/** Keys: the registry, our half, its credential, its document, its index. */
const keysOf = (id: string): string[] => [
  id,
  names.registry(id),
  names.credential(id),
  names.document(id),
  names.index(id),
];

/** What is read of a registry; what is told of an index is that of the one that is there. */
const RECORD = `${FINGERPRINT}
  local function record(keys)
    local fits = redis.call('EXISTS', keys[4]) == 1 and redis.call('HGET', keys[5], 'fingerprint') == fingerprint(keys[4])
    return {redis.call('HGETALL', keys[1]), redis.call('HGETALL', keys[2]), redis.call('HGET', keys[3], 'kind'),
      fits and redis.call('HMGET', keys[5], 'refreshed', 'plugins', 'skipped', 'skippedCount') or false}
  end
`;

/** Writes the fields that follow ARGV[n]: pairs that are set, with "" for those that go. */
const WRITE = `
  local function write(key, first, last)
    for i = first, last, 2 do
      if ARGV[i + 1] == '' then redis.call('HDEL', key, ARGV[i]) else redis.call('HSET', key, ARGV[i], ARGV[i + 1]) end
    end
  end
  local function credential(key, how, kind, secret)
    if how == 'set' then redis.call('DEL', key) redis.call('HSET', key, 'kind', kind, 'secret', secret) end
    if how == 'remove' then redis.call('DEL', key) end
  end
`;

const GET = script(`${RECORD} return record(KEYS)`);

/**
 * ARGV: now, how, kind and secret of the credential, then five pairs of LANraragi's fields and two of ours. The id is
 * the second of creation, or the nearest earlier one that nobody has or had.
 */
const CREATE = script(`${RECORD} ${WRITE}
  local function keysOf(second)
    local n = string.format('%010d', second)
    return {'REG_' .. n, '${names.registry(REG)}' .. n, '${names.credential(REG)}' .. n, '${names.document(REG)}' .. n,
      '${names.index(REG)}' .. n}
  end
  local second = tonumber(ARGV[1])
  local keys = keysOf(second)
  while redis.call('EXISTS', keys[1]) == 1 or redis.call('SADD', KEYS[1], keys[1]) == 0 do
    second = second - 1
    keys = keysOf(second)
  end
  redis.call('HSET', keys[1], 'created', ARGV[1], 'updated', ARGV[1])
  redis.call('HSET', keys[2], 'seq', redis.call('HINCRBY', KEYS[2], 'registry', 1))
  write(keys[1], 5, 14) write(keys[2], 15, 18)
  credential(keys[3], ARGV[2], ARGV[3], ARGV[4])
  return {keys[1], record(keys)}
`);

/** ARGV[19] is 1 where the index is dropped. A changed source must show in \`updated\` even within one second. */
const UPDATE = script(`${RECORD} ${WRITE} ${CHANGED}
  if redis.call('EXISTS', KEYS[1]) == 0 then return false end
  local updated = tonumber(ARGV[1])
  if ARGV[19] == '1' then
    updated = math.max(updated, (tonumber(redis.call('HGET', KEYS[1], 'updated') or '0') or 0) + 1)
    redis.call('DEL', KEYS[4], KEYS[5], KEYS[6], KEYS[7])
    redis.call('HDEL', KEYS[2], 'failure', 'moved')
  end
  write(KEYS[1], 5, 14) write(KEYS[2], 15, 18)
  redis.call('HSET', KEYS[1], 'updated', string.format('%d', updated))
  credential(KEYS[3], ARGV[2], ARGV[3], ARGV[4])
  changed('registry:' .. KEYS[1])
  return record(KEYS)
`);

const DELETE = script(`${CHANGED}
  if redis.call('DEL', KEYS[1]) == 0 then return 0 end
  redis.call('SADD', KEYS[9], KEYS[1])
  redis.call('DEL', KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7])
  if redis.call('HGET', KEYS[8], 'ougi') == KEYS[1] then redis.call('HDEL', KEYS[8], 'ougi') end
  changed('registry:' .. KEYS[1])
  return 1
`);

const NOTE = script(`${WRITE}
  if redis.call('EXISTS', KEYS[1]) == 1 then write(KEYS[2], 1, 4) end
`);

const SET_DEFAULT = script(`
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  redis.call('HSET', KEYS[2], 'ougi', KEYS[1])
  return 1
`);

const CLEAR_DEFAULT = script(`
  local id = redis.call('HGET', KEYS[1], 'ougi')
  redis.call('HDEL', KEYS[1], 'ougi')
  return id
`);

const notFound = (id: string) => new HitagiError("REGISTRY_NOT_FOUND", { id });

/** Pairs for {@link WRITE}: five of LANraragi's and two of ours. */
const pairsOf = (fields: RegistryFields): string[] => [
  ...["name", fields.name, "provider", fields.provider],
  ...OPTIONAL.flatMap((field) => [field, fields[field] ?? ""]),
  ...["folder", fields.folder ?? "", "lenient", fields.lenient ? "1" : ""],
];

const credentialArgs = (credential: Credential | null | undefined): string[] => {
  if (credential === undefined) return ["keep", "", ""];
  return credential === null ? ["remove", "", ""] : ["set", credential.kind, credential.secret];
};

/** What goes with an index, beside the keys of {@link keysOf}. */
const indexRest = (id: string): string[] => [names.rows(id), names.reading(id)];

/** The keys that have the form of a registry's, in their order. Others that begin so may hold anything. */
export const registryKeys = async (connection: Connection): Promise<string[]> =>
  (await connection.scan(REGISTRY_KEYS)).filter((key) => /^REG_\d{10}$/.test(key)).sort();

const stripped = (id: string | null): string | undefined => id || undefined;

/** The registries of a Redis: LANraragi's own records, with what only Hitagi knows of them beside. */
export const createRegistryStore = (connection: Connection): RegistryStore => {
  const get = async (id: string): Promise<Registry | undefined> => {
    const reply = await connection.run(GET, keysOf(id));
    return toRegistry(id, reply as RegistryReply)?.registry;
  };
  const must = (id: string, reply: unknown): Registry => {
    const found = reply === null ? undefined : toRegistry(id, reply as RegistryReply);
    if (!found) throw notFound(id);
    return found.registry;
  };

  return {
    create: async (fields, now, credential) => {
      const args = [Math.floor(now), ...credentialArgs(credential), ...pairsOf(fields)];
      const made = await connection.run(CREATE, [names.registryIds, names.counts], args);
      const [id, record] = made as [string, RegistryReply];
      return must(id, record);
    },
    get,
    list: async () => {
      const ids = await registryKeys(connection);
      const replies = await Promise.all(ids.map((id) => connection.run(GET, keysOf(id))));
      return replies
        .flatMap((reply, n) => toRegistry(ids[n] ?? "", reply as RegistryReply) ?? [])
        .sort(compareRegistries)
        .map(({ registry }) => registry);
    },
    update: async (id, fields, dropIndex, now, credential) => {
      const args = [Math.floor(now), ...credentialArgs(credential), ...pairsOf(fields), dropIndex ? 1 : 0];
      return must(id, await connection.run(UPDATE, [...keysOf(id), ...indexRest(id)], args));
    },
    delete: async (id) => {
      const keys = [...keysOf(id), ...indexRest(id), CONFIG, names.registryIds];
      if ((await connection.run(DELETE, keys)) === 0) throw notFound(id);
    },
    credential: async (id) => {
      const [kind, secret] = (await connection.command("HMGET", names.credential(id), "kind", "secret")) as [
        Credential["kind"] | null,
        string | null,
      ];
      return kind && secret !== null ? { kind, secret } : undefined;
    },
    note: async (id, { failure, moved }) => {
      const pairs = ["failure", failure ? JSON.stringify(failure) : "", "moved", moved ?? ""];
      await connection.run(NOTE, [id, names.registry(id)], pairs);
    },
    getDefault: async () => stripped((await connection.command("HGET", CONFIG, "ougi")) as string | null),
    setDefault: async (id) => {
      if ((await connection.run(SET_DEFAULT, [id, CONFIG])) === 0) throw notFound(id);
    },
    clearDefault: async () => stripped((await connection.run(CLEAR_DEFAULT, [CONFIG])) as string | null),
  };
};
