import type { RecordStream, RegistryRecord, StreamRecords } from "../../contract/record-streams.ts";
import { onePage, readRegistries } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import { LOG_CHANGE } from "../change-log.ts";
import type { Connection } from "../connection.ts";
import { CONFIG, names } from "../names.ts";
import { registryKeys } from "../registries.ts";
import { toRegistryHash } from "../registry-record.ts";
import { script } from "../script.ts";

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

const PUT = script(`${LOG_CHANGE}
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
      await connection.run(PUT, keys, {
        theirs: [...toRegistryHash(record)].flat(),
        ours: oursOf(record),
        ...credential,
        isDefault: record.default,
      });
    }
  },
});
