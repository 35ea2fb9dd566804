import { recordCheck } from "../bad-records.ts";
import { KeyRecord } from "../contract/keys.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import { onePage } from "../record-streams.ts";
import type { KeyStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { putEach, recordsOf, type Table } from "./table.ts";

const keys: Table<KeyRecord> = {
  name: "keys",
  columns: "id, name, scope, hash, created, expires, last_used",
  key: "id",
  check: recordCheck(KeyRecord),
  order: { created: 0, seq: 0 },
  toRow: ({ lastUsed, ...key }) => ({ ...key, last_used: lastUsed }),
  fromRow: ({ last_used, ...key }) => ({ ...key, lastUsed: last_used }),
};

export const createKeyStore = (connection: Connection): KeyStore => {
  const { insert, one, all } = recordsOf(connection, keys);
  const add = insert("INSERT", "ON CONFLICT DO NOTHING");
  const remove = connection.change("DELETE FROM keys WHERE name = ?");
  const touch = connection.change("UPDATE keys SET last_used = ? WHERE id = ?", "relaxed");

  return {
    shared: async () => undefined,
    create: (key) => connection.write(() => add(key) > 0),
    get: one("WHERE id = ?"),
    list: all("ORDER BY created, seq"),
    delete: async (name) => (await remove(name)) > 0,
    used: async (id, at) => void (await touch(at, id)),
  };
};

export const keyStream = (connection: Connection, keyStore: KeyStore): RecordStream<KeyRecord> => ({
  pages: onePage(keyStore.list),
  put: putEach(connection, recordsOf(connection, keys).upsert()),
});
