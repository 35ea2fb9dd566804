import { createHash } from "node:crypto";
import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import type { Store } from "../../types.ts";
import { type Connection, script } from "../connection.ts";
import { FINGERPRINT } from "../fingerprint.ts";
import { DOCUMENT_KEYS, names } from "../names.ts";

/** KEYS: the document, the index, our reading. ARGV: the original, its SHA-1. What stood there is our reading of it. */
const PUT = script(`${FINGERPRINT}
  local known = redis.call('EXISTS', KEYS[2]) == 1
  if known and redis.call('HGET', KEYS[2], 'read') ~= '1' then redis.call('RENAME', KEYS[1], KEYS[3]) end
  redis.call('SET', KEYS[1], ARGV[1])
  if known then
    redis.call('HSET', KEYS[2], 'read', '1', 'sha1', ARGV[2], 'fingerprint', fingerprint(KEYS[1]))
  end
`);

const idsOf = async (connection: Connection): Promise<string[]> => {
  const keys = await connection.scan(DOCUMENT_KEYS);
  return keys
    .map((key) => key.replace("INDEX_", ""))
    .filter((id) => /^REG_\d{10}$/.test(id))
    .sort();
};

/** The cached indexes that are LANraragi's and not as Hitagi reads them, one at a time. */
export const originalStream = (
  connection: Connection,
  { registries, catalog }: Pick<Store, "registries" | "catalog">,
): RecordStream<StreamRecords["originals"]> => {
  /** Whether the index of a registry goes with the registry, and is the document itself. */
  const isRead = async (id: string): Promise<boolean> => {
    if (!(await registries.get(id)) || !(await catalog.meta(id))) return false;
    return (await connection.command("HGET", names.index(id), "read")) !== "1";
  };
  return {
    async *pages(after = "") {
      for (const registry of (await idsOf(connection)).filter((id) => id > after)) {
        if (await isRead(registry)) continue;
        const document = (await connection.bytes("GET", names.document(registry))) as Buffer | null;
        if (document) yield { records: [{ registry, document }], position: registry };
      }
    },
    async put(records) {
      for (const { registry, document } of records) {
        const keys = [names.document(registry), names.index(registry), names.reading(registry)];
        await connection.run(PUT, keys, [document, createHash("sha1").update(document).digest("hex")]);
      }
    },
  };
};
