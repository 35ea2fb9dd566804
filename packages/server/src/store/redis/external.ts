import { createHash } from "node:crypto";
import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import { onePage } from "../record-streams.ts";
import { throughUtf8 } from "../through-utf8.ts";
import type { Store } from "../types.ts";
import { FINGERPRINT } from "./catalog-record.ts";
import type { Connection } from "./connection.ts";
import { FOREIGN_FIELDS } from "./foreign-text.ts";
import { DOCUMENT_KEYS, LANRARAGI_PLUGIN_KEYS, names, namespaceOf } from "./names.ts";
import { toHashes } from "./plugin-record.ts";
import { unlessWrongType } from "./records.ts";
import { registryKeys } from "./registries.ts";
import { toRegistryHash } from "./registry-record.ts";
import { script, toMap } from "./script.ts";

const GET_FIELDS = script(`${FOREIGN_FIELDS} return foreignFields(key.hash)`);

type ExternalField = StreamRecords["foreign"];

/** The fields of LANraragi's hashes that Hitagi does not know, or would write differently. */
export const externalFieldStream = (
  connection: Connection,
  { registries, plugins }: Pick<Store, "registries" | "plugins">,
): RecordStream<ExternalField> => {
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
  const differences = async (key: string, known: ReadonlyMap<string, string>): Promise<ExternalField[]> => {
    // A key of another type is a bad record, which its own reading notes.
    const found = await connection.run(GET_FIELDS, { hash: key });
    const stored = Array.isArray(found) ? toMap(found) : [];
    return [...stored]
      .filter(([field, value]) => throughUtf8(known.get(field) ?? "") !== value || !known.has(field))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([field, value]) => ({ key, field, value }));
  };
  return {
    pages: onePage(async () => {
      const fields: ExternalField[] = [];
      for (const key of await registryKeys(connection)) {
        fields.push(...(await differences(key, await ofRegistry(key))));
      }
      for (const key of (await connection.scan(LANRARAGI_PLUGIN_KEYS)).sort()) {
        fields.push(...(await differences(key, await ofPlugin(key))));
      }
      return fields;
    }),
    async put(records) {
      for (const { key, field, value } of records) await connection.command("HSET", key, field, value);
    },
  };
};

/** The document before it is Hitagi's reading of the external one. */
const PUT_INDEX = script(`${FINGERPRINT}
  local isIndexed = redis.call('EXISTS', key.index) == 1
  if isIndexed and redis.call('HGET', key.index, 'read') ~= '1' then redis.call('RENAME', key.document, key.reading) end
  redis.call('SET', key.document, arg.document)
  if isIndexed then
    redis.call('HSET', key.index, 'read', '1', 'sha1', arg.sha1, 'fingerprint', fingerprint(key.document))
  end
`);

const SHA1 = script("return redis.sha1hex(redis.call('GET', key.document) or '')");

const idsOf = async (connection: Connection): Promise<string[]> => {
  const keys = await connection.scan(DOCUMENT_KEYS);
  return keys
    .map((key) => key.replace("INDEX_", ""))
    .filter((id) => /^REG_\d{10}$/.test(id))
    .sort();
};

/** The indexes that LANraragi cached and Hitagi reads differently, one at a time. */
export const externalIndexStream = (
  connection: Connection,
  { registries, catalog }: Pick<Store, "registries" | "catalog">,
): RecordStream<StreamRecords["originals"]> => {
  /** Whether Hitagi reads the document of a registry as it is. */
  const isReadAsIs = async (id: string): Promise<boolean> => {
    if (!(await registries.get(id)) || !(await catalog.meta(id))) return false;
    const fields = ["read", "sha256", "sha1"] as const;
    const [read, sha256, sha1] = await connection.command<(string | null)[]>(
      "HMGET",
      names.index(id),
      ...fields,
    );
    if (read !== "1") return true;
    // Of a signed index there are two copies, until LANraragi replaces its own.
    return sha256 !== null && (await connection.run(SHA1, { document: names.document(id) }, {})) === sha1;
  };
  return {
    async *pages(after = "") {
      for (const registry of (await idsOf(connection)).filter((id) => id > after)) {
        if (await isReadAsIs(registry)) continue;
        const key = names.document(registry);
        const document = await unlessWrongType<Buffer | null>(
          connection,
          { [key]: "string" },
          null,
          () => connection.bytes("GET", key) as Promise<Buffer | null>,
        );
        if (document) yield { records: [{ registry, document }], position: registry };
      }
    },
    async put(records) {
      for (const { registry, document } of records) {
        const sha1 = createHash("sha1").update(document).digest("hex");
        const keys = {
          document: names.document(registry),
          index: names.index(registry),
          reading: names.reading(registry),
        };
        await connection.run(PUT_INDEX, keys, { document, sha1 });
      }
    },
  };
};
