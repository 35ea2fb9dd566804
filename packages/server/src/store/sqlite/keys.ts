import type { KeyRecord, KeyStore } from "../types.ts";
import type { Connection } from "./connection.ts";

const FIELDS = "id, name, scope, hash, created, expires, last_used AS lastUsed";

/** The named API keys of a SQLite store. */
export const createKeyStore = (connection: Connection): KeyStore => {
  const insert = connection.prepare(`INSERT INTO keys (id, name, scope, hash, created, expires, last_used)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const byId = connection.prepare(`SELECT ${FIELDS} FROM keys WHERE id = ?`);
  const all = connection.prepare(`SELECT ${FIELDS} FROM keys ORDER BY created, seq`);
  const remove = connection.prepare("DELETE FROM keys WHERE name = ?");
  const touch = connection.prepare("UPDATE keys SET last_used = ? WHERE id = ?");

  return {
    shared: async () => undefined,
    create: ({ id, name, scope, hash, created, expires, lastUsed }) =>
      connection.write(() => insert.run(id, name, scope, hash, created, expires, lastUsed).changes > 0),
    get: (id) => connection.read(() => byId.get(id) as KeyRecord | undefined),
    list: () => connection.read(() => all.all() as KeyRecord[]),
    delete: (name) => connection.write(() => remove.run(name).changes > 0),
    used: (id, at) => connection.write(() => void touch.run(at, id), "relaxed"),
  };
};
