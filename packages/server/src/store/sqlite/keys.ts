import type { KeyRecord, KeyStore } from "../types.ts";
import type { Connection } from "./connection.ts";

const FIELDS = "id, name, scope, hash, created, expires, last_used AS lastUsed";

export const createKeyStore = (connection: Connection): KeyStore => {
  const insert = connection.change(`INSERT INTO keys (id, name, scope, hash, created, expires, last_used)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const remove = connection.change("DELETE FROM keys WHERE name = ?");
  const touch = connection.change("UPDATE keys SET last_used = ? WHERE id = ?", "relaxed");

  return {
    shared: async () => undefined,
    create: async ({ id, name, scope, hash, created, expires, lastUsed }) =>
      (await insert(id, name, scope, hash, created, expires, lastUsed)) > 0,
    get: connection.one<KeyRecord>(`SELECT ${FIELDS} FROM keys WHERE id = ?`),
    list: connection.all<KeyRecord>(`SELECT ${FIELDS} FROM keys ORDER BY created, seq`),
    delete: async (name) => (await remove(name)) > 0,
    used: async (id, at) => void (await touch(at, id)),
  };
};
