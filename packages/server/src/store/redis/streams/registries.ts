import type { RecordStream, RegistryRecord, StreamRecords } from "../../contract/record-streams.ts";
import { onePage, readRegistries } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import { CHANGED } from "../changed.ts";
import { type Connection, script } from "../connection.ts";
import { CONFIG, names } from "../names.ts";
import { registryKeys } from "../registries.ts";
import { toRegistryHash } from "../registry-record.ts";

/** The ids that Hitagi gave, and those that LANraragi did. */
export const registryIdStream = (connection: Connection): RecordStream<StreamRecords["registryIds"]> => ({
  pages: onePage(async () => {
    const given = (await connection.command("SMEMBERS", names.registryIds)) as string[];
    const all = new Set([...given, ...(await registryKeys(connection))]);
    return [...all].sort().map((id) => ({ id }));
  }),
  put: async (records) =>
    void (await connection.command("SADD", names.registryIds, ...records.map(({ id }) => id))),
});

/**
 * KEYS: the registry, our half, its credential, the counts, the configuration. ARGV: the credential's kind and secret, whether
 * it is the default, how many values of LANraragi's hash follow, these, then those of ours.
 */
const PUT = script(`${CHANGED}
  local seq = redis.call('HGET', KEYS[2], 'seq') or redis.call('HINCRBY', KEYS[4], 'registry', 1)
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  local last = 4 + tonumber(ARGV[4])
  redis.call('HSET', KEYS[1], unpack(ARGV, 5, last))
  redis.call('HSET', KEYS[2], 'seq', seq, unpack(ARGV, last + 1))
  if ARGV[1] ~= '' then redis.call('HSET', KEYS[3], 'kind', ARGV[1], 'secret', ARGV[2]) end
  if ARGV[3] == '1' then redis.call('HSET', KEYS[5], 'ougi', KEYS[1]) end
  changed('registry:' .. KEYS[1])
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
      const keys = [id, names.registry(id), names.credential(id), names.counts, CONFIG];
      const fields = [...toRegistryHash(record)].flat();
      const secret = [credential?.kind ?? "", credential?.secret ?? "", record.default ? 1 : 0];
      await connection.run(PUT, keys, [...secret, fields.length, ...fields, ...oursOf(record)]);
    }
  },
});
