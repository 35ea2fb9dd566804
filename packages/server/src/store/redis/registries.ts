import { type Credential, HitagiError, type Registry, type RegistryFields } from "@hitagi/contract";
import type { RecordStream, RegistryRecord, StreamRecords } from "../contract/record-streams.ts";
import { onePage, readRegistries } from "../record-streams.ts";
import type { RegistryStore } from "../types.ts";
import { FINGERPRINT, IS_OURS } from "./catalog-record.ts";
import type { Connection } from "./connection.ts";
import { FOREIGN_FIELDS } from "./foreign-text.ts";
import { CONFIG, names, REGISTRY_KEYS } from "./names.ts";
import { unlessWrongType } from "./records.ts";
import { compareRegistries, type RegistryReply, toRegistry, toRegistryHash } from "./registry-record.ts";
import { LOG_CHANGE, SET_FIELDS, script } from "./script.ts";

const REG = "REG_";

/** Lua: the keys of a registry, what is read of it, and what an addition or a change writes of it. */
const HEAD = `${FINGERPRINT} ${IS_OURS} ${SET_FIELDS} ${FOREIGN_FIELDS}
  local function keysOf(id)
    local digits = string.sub(id, ${REG.length + 1})
    return {theirs = id, ours = '${names.registry(REG)}' .. digits, credential = '${names.credential(REG)}' .. digits,
      document = '${names.document(REG)}' .. digits, index = '${names.index(REG)}' .. digits,
      rows = '${names.rows(REG)}' .. digits, reading = '${names.reading(REG)}' .. digits,
      seen = '${names.seenVersions(REG)}' .. digits, details = '${names.details(REG)}' .. digits}
  end
  local function deleteIndex(keys)
    redis.call('DEL', keys.document, keys.index, keys.rows, keys.reading, keys.details, keys.seen)
  end
  local function readIndex(keys)
    local isIndexed = redis.call('EXISTS', keys.index) == 1 and isOurIndex(keys.theirs, keys.index, keys.document)
    return isIndexed and redis.call('HMGET', keys.index, 'refreshed', 'plugins', 'skipped', 'skippedCount')
  end
  local function read(keys)
    local kind = redis.pcall('HGET', keys.credential, 'kind')
    local isRead, index = pcall(readIndex, keys)
    return {foreignFields(keys.theirs), fields(keys.ours), type(kind) == 'string' and kind, isRead and index}
  end
  local function write(keys)
    for i = 1, #arg.theirs, 2 do
      if arg.theirs[i] == 'name' then arg.theirs[i + 1] = toLatin1(arg.theirs[i + 1]) end
    end
    setFields(keys.theirs, arg.theirs, arg.theirsRemoved)
    setFields(keys.ours, arg.ours, arg.oursRemoved)
    if arg.secret or arg.removeSecret then redis.call('DEL', keys.credential) end
    if arg.secret then redis.call('HSET', keys.credential, 'kind', arg.kind, 'secret', arg.secret) end
  end
`;

const READ = script(`${HEAD}
  local registries = {}
  for n, id in ipairs(arg.ids) do registries[n] = read(keysOf(id)) end
  return registries
`);

/** The id is the second of creation, or the nearest earlier one that no registry has or had. */
const CREATE = script(`${HEAD} ${LOG_CHANGE}
  local second = tonumber(arg.now)
  local id
  repeat
    id = string.format('${REG}%010d', second)
    second = second - 1
  until redis.call('EXISTS', id) == 0 and redis.call('SADD', '${names.registryIds}', id) == 1
  local keys = keysOf(id)
  redis.call('HSET', keys.theirs, 'created', arg.now, 'updated', arg.now)
  redis.call('HSET', keys.ours, 'seq', redis.call('HINCRBY', '${names.counts}', 'registry', 1))
  write(keys)
  logChange('registries')
  return {id, read(keys)}
`);

/** A changed source must show in `updated` even within one second. */
const UPDATE = script(`${HEAD} ${LOG_CHANGE}
  local keys = keysOf(arg.id)
  if redis.call('EXISTS', keys.theirs) == 0 then return false end
  local updated = tonumber(arg.now)
  if arg.dropIndex then
    updated = math.max(updated, (tonumber(redis.call('HGET', keys.theirs, 'updated') or '0') or 0) + 1)
    deleteIndex(keys)
    redis.call('HDEL', keys.ours, 'failure', 'moved')
  end
  write(keys)
  redis.call('HSET', keys.theirs, 'updated', string.format('%d', updated))
  logChange('registry:' .. arg.id)
  return read(keys)
`);

const DELETE = script(`${HEAD} ${LOG_CHANGE}
  local keys = keysOf(arg.id)
  if redis.call('DEL', keys.theirs) == 0 then return 0 end
  redis.call('SADD', '${names.registryIds}', arg.id)
  redis.call('DEL', keys.ours, keys.credential)
  deleteIndex(keys)
  if redis.call('HGET', '${CONFIG}', 'ougi') == arg.id then redis.call('HDEL', '${CONFIG}', 'ougi') end
  logChange('registry:' .. arg.id)
  return 1
`);

const NOTE = script(`${SET_FIELDS} ${LOG_CHANGE}
  if redis.call('EXISTS', key.theirs) == 0 then return end
  setFields(key.ours, arg.ours, arg.oursRemoved)
  logChange('registries')
`);

const SET_DEFAULT = script(`
  if redis.call('EXISTS', key.registry) == 0 then return 0 end
  redis.call('HSET', '${CONFIG}', 'ougi', key.registry)
  return 1
`);

const CLEAR_DEFAULT = script(`
  local id = redis.call('HGET', '${CONFIG}', 'ougi')
  redis.call('HDEL', '${CONFIG}', 'ougi')
  return id
`);

const notFound = (id: string) => new HitagiError("REGISTRY_NOT_FOUND", { id });

type Fields = Record<string, string | undefined>;

/** The fields that are set, and the names of those that a registry lacks. */
const split = (fields: Fields) => {
  const entries = Object.entries(fields);
  return {
    pairs: entries.flatMap(([name, value]) => (value ? [name, value] : [])),
    removed: entries.flatMap(([name, value]) => (value ? [] : [name])),
  };
};

/** The arguments of `setFields` for our hash. */
const ourFields = (fields: Fields) => {
  const { pairs, removed } = split(fields);
  return { ours: pairs, oursRemoved: removed };
};

const writeArgs = (
  { folder, lenient, generateIndex, ...fields }: RegistryFields,
  now: number,
  credential: Credential | null | undefined,
) => {
  const { name, provider, url, ref, path } = fields;
  const theirs = split({ name, provider, url, ref, path });
  return {
    now: Math.floor(now),
    ...{ theirs: theirs.pairs, theirsRemoved: theirs.removed },
    ...ourFields({
      folder,
      lenient: lenient ? "1" : undefined,
      generateIndex: generateIndex ? "1" : undefined,
    }),
    ...{ kind: credential?.kind, secret: credential?.secret, removeSecret: credential === null },
  };
};

/** The keys in the form of a registry's id, sorted. Other keys with that prefix may hold anything. */
export const registryKeys = async (connection: Connection): Promise<string[]> =>
  (await connection.scan(REGISTRY_KEYS)).filter((key) => /^REG_\d{10}$/.test(key)).sort();

const filled = (text: unknown): string | undefined => (text as string | null) || undefined;

/** The registries of a Redis. LANraragi's own hash holds what both programs use, and a hash of ours the rest. */
export const createRegistryStore = (connection: Connection): RegistryStore => {
  const read = async (ids: readonly string[]) => {
    const replies = await connection.run<RegistryReply[]>(READ, {}, { ids });
    return replies.flatMap((reply, n) => toRegistry(connection.bad, ids[n] ?? "", reply) ?? []);
  };
  const must = (id: string, reply: unknown): Registry => {
    const found = reply === null ? undefined : toRegistry(connection.bad, id, reply as RegistryReply);
    if (!found) throw notFound(id);
    return found.registry;
  };

  return {
    create: async (fields, now, credential) => {
      const [id, record] = await connection.run<[string, RegistryReply]>(
        CREATE,
        {},
        writeArgs(fields, now, credential),
      );
      return must(id, record);
    },
    get: async (id) => (await read([id]))[0]?.registry,
    list: async () => {
      const found = await read(await registryKeys(connection));
      return found.sort(compareRegistries).map(({ registry }) => registry);
    },
    update: async (id, fields, dropIndex, now, credential) => {
      const args = { id, dropIndex, ...writeArgs(fields, now, credential) };
      return must(id, await connection.run(UPDATE, {}, args));
    },
    delete: async (id) => {
      if ((await connection.run(DELETE, {}, { id })) === 0) throw notFound(id);
    },
    credential: async (id) => {
      const key = names.credential(id);
      const [kind = null, secret = null] = await unlessWrongType<[Credential["kind"]?, string?]>(
        connection,
        { [key]: "hash" },
        [],
        () => connection.command("HMGET", key, "kind", "secret"),
      );
      return kind && secret !== null ? { kind, secret } : undefined;
    },
    note: async (id, { failure, moved }) => {
      const ours = ourFields({ failure: failure && JSON.stringify(failure), moved });
      await connection.run(NOTE, { theirs: id, ours: names.registry(id) }, ours);
    },
    getDefault: async () =>
      filled(
        await unlessWrongType<unknown>(connection, { [CONFIG]: "hash" }, null, () =>
          connection.command("HGET", CONFIG, "ougi"),
        ),
      ),
    setDefault: async (id) => {
      if ((await connection.run(SET_DEFAULT, { registry: id })) === 0) throw notFound(id);
    },
    clearDefault: async () => filled(await connection.run(CLEAR_DEFAULT)),
  };
};

/** The ids that Hitagi gave, and those that LANraragi did. */
export const registryIdStream = (connection: Connection): RecordStream<StreamRecords["registryIds"]> => ({
  pages: onePage(async () => {
    const given = await unlessWrongType<string[]>(connection, { [names.registryIds]: "set" }, [], () =>
      connection.command("SMEMBERS", names.registryIds),
    );
    const all = new Set([...given, ...(await registryKeys(connection))]);
    return [...all].sort().map((id) => ({ id }));
  }),
  put: async (records) =>
    void (await connection.command("SADD", names.registryIds, ...records.map(({ id }) => id))),
});

const PUT = script(`${HEAD} ${LOG_CHANGE}
  local keys = keysOf(arg.id)
  local seq = redis.call('HGET', keys.ours, 'seq') or redis.call('HINCRBY', '${names.counts}', 'registry', 1)
  redis.call('DEL', keys.theirs, keys.ours, keys.credential)
  redis.call('HSET', keys.ours, 'seq', seq)
  write(keys)
  if arg.isDefault then redis.call('HSET', '${CONFIG}', 'ougi', keys.theirs) end
  logChange('registry:' .. arg.id)
`);

export const registryStream = (
  connection: Connection,
  registries: RegistryStore,
): RecordStream<RegistryRecord> => ({
  pages: onePage(readRegistries({ registries })),
  async put(records) {
    for (const record of records) {
      const { id, credential, default: isDefault, failure, moved } = record;
      const { ours, ...args } = writeArgs(record, 0, credential);
      const noted = split({ failure: failure && JSON.stringify(failure), moved }).pairs;
      const theirs = [...toRegistryHash(record)].flat();
      await connection.run(
        PUT,
        {},
        {
          ...{ ...args, id, isDefault, theirs, theirsRemoved: [] },
          ours: [...ours, ...noted],
        },
      );
    }
  },
});
