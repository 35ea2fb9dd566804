import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import { onePage } from "../../record-streams.ts";
import { throughUtf8 } from "../../through-utf8.ts";
import type { Store } from "../../types.ts";
import type { Connection } from "../connection.ts";
import { LANRARAGI_PLUGIN_KEYS, names, namespaceOf } from "../names.ts";
import { toHashes } from "../plugin-record.ts";
import { registryKeys } from "../registries.ts";
import { toRegistryHash } from "../registry-record.ts";
import { toMap } from "../reply.ts";

type Foreign = StreamRecords["foreign"];

/**
 * The fields of LANraragi's hashes that the records do not bring back as they are: those that Hitagi does not know, and those
 * that it writes otherwise.
 */
export const externalFieldStream = (
  connection: Connection,
  { registries, plugins }: Pick<Store, "registries" | "plugins">,
): RecordStream<Foreign> => {
  const ofPlugin = async (key: string): Promise<ReadonlyMap<string, string>> => {
    const namespace = namespaceOf(key);
    const isOurName = namespace !== undefined && names.plugin(namespace) === key;
    const record = isOurName ? await plugins.get(namespace) : undefined;
    return record ? toHashes(record).hash : new Map();
  };
  const ofRegistry = async (key: string): Promise<ReadonlyMap<string, string>> => {
    const registry = await registries.get(key);
    return registry ? toRegistryHash(registry) : new Map();
  };
  const differing = async (key: string, known: ReadonlyMap<string, string>): Promise<Foreign[]> => {
    const there = toMap(await connection.command("HGETALL", key));
    return [...there]
      .filter(([field, value]) => throughUtf8(known.get(field) ?? "") !== value || !known.has(field))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([field, value]) => ({ key, field, value }));
  };
  return {
    pages: onePage(async () => {
      const fields: Foreign[] = [];
      for (const key of await registryKeys(connection)) {
        fields.push(...(await differing(key, await ofRegistry(key))));
      }
      for (const key of (await connection.scan(LANRARAGI_PLUGIN_KEYS)).sort()) {
        fields.push(...(await differing(key, await ofPlugin(key))));
      }
      return fields;
    }),
    async put(records) {
      for (const { key, field, value } of records) await connection.command("HSET", key, field, value);
    },
  };
};
