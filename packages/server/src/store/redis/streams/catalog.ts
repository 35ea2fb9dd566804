import type { RecordStream, RegistryRecord, StreamRecords } from "../../contract/record-streams.ts";
import { onePage, readRegistries, readVersions } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import type { Connection } from "../connection.ts";
import { CONFIG, names } from "../names.ts";
import { toHashes } from "../plugin-record.ts";
import { referencesOf, versionReference } from "../reference-index.ts";
import { registryKeys } from "../registries.ts";
import { toRegistryHash } from "../registry-record.ts";
import { LOG_CHANGE, SET_FIELDS, script } from "../script.ts";

/** The ids that Hitagi gave, and those that LANraragi did. */
export const registryIdStream = (connection: Connection): RecordStream<StreamRecords["registryIds"]> => ({
  pages: onePage(async () => {
    const given = await connection.command<string[]>("SMEMBERS", names.registryIds);
    const all = new Set([...given, ...(await registryKeys(connection))]);
    return [...all].sort().map((id) => ({ id }));
  }),
  put: async (records) =>
    void (await connection.command("SADD", names.registryIds, ...records.map(({ id }) => id))),
});

const PUT_REGISTRY = script(`${LOG_CHANGE}
  local seq = redis.call('HGET', key.ours, 'seq') or redis.call('HINCRBY', '${names.counts}', 'registry', 1)
  redis.call('DEL', key.theirs, key.ours, key.credential)
  redis.call('HSET', key.theirs, unpack(arg.theirs))
  redis.call('HSET', key.ours, 'seq', seq, unpack(arg.ours))
  if arg.secret then redis.call('HSET', key.credential, 'kind', arg.kind, 'secret', arg.secret) end
  if arg.isDefault then redis.call('HSET', '${CONFIG}', 'ougi', key.theirs) end
  logChange('registry:' .. key.theirs)
`);

const oursOf = ({ folder, lenient, failure, moved }: RegistryRecord): string[] => [
  ...(folder ? ["folder", folder] : []),
  ...(lenient ? ["lenient", "1"] : []),
  ...(failure ? ["failure", JSON.stringify(failure)] : []),
  ...(moved ? ["moved", moved] : []),
];

export const registryStream = (
  connection: Connection,
  store: Pick<Store, "registries">,
): RecordStream<RegistryRecord> => ({
  pages: onePage(readRegistries(store)),
  async put(records) {
    for (const record of records) {
      const { id, credential } = record;
      const keys = { theirs: id, ours: names.registry(id), credential: names.credential(id) };
      await connection.run(PUT_REGISTRY, keys, {
        theirs: [...toRegistryHash(record)].flat(),
        ours: oursOf(record),
        ...credential,
        isDefault: record.default,
      });
    }
  },
});

const PUT_PLUGIN = script(`${LOG_CHANGE} ${SET_FIELDS}
  redis.call('DEL', key.theirs, key.ours)
  for _, reference in ipairs(arg.references) do redis.call('ZADD', '${names.references}', 0, reference) end
  setFields(key.theirs, arg.theirs, {})
  setFields(key.ours, arg.ours, {})
  logChange('plugin:' .. arg.namespace)
`);

export const pluginStream = (
  connection: Connection,
  { plugins }: Pick<Store, "plugins">,
): RecordStream<StreamRecords["plugins"]> => ({
  pages: onePage(() => plugins.list()),
  async put(records) {
    for (const record of records) {
      const { namespace, provenance } = record;
      const { hash, ours } = toHashes(record);
      const keys = { theirs: names.plugin(namespace), ours: names.ourPlugin(namespace) };
      await connection.run(PUT_PLUGIN, keys, {
        namespace,
        references: provenance ? referencesOf(namespace, provenance) : [],
        theirs: [...hash].flat(),
        ours: [...ours].flat(),
      });
    }
  },
});

/** A version that exists keeps its place. */
const PUT_VERSION = script(`
  local stored = redis.call('HGET', key.versions, arg.sha256)
  local order = stored and string.match(stored, '^%d+') or redis.call('HINCRBY', '${names.counts}', 'version', 1)
  redis.call('HSET', key.versions, arg.sha256, order .. ' ' .. arg.version)
  redis.call('ZADD', '${names.references}', 0, arg.reference)
`);

export const versionStream = (
  connection: Connection,
  store: Pick<Store, "plugins">,
): RecordStream<StreamRecords["versions"]> => ({
  pages: onePage(readVersions(store)),
  async put(records) {
    for (const { namespace, ...version } of records) {
      const { sha256 } = version;
      const args = {
        sha256,
        version: JSON.stringify(version),
        reference: versionReference(namespace, sha256),
      };
      await connection.run(PUT_VERSION, { versions: names.versions(namespace) }, args);
    }
  },
});
