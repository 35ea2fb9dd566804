import type { RecordStream, RegistryRecord, StreamRecords } from "../../contract/record-streams.ts";
import { onePage, readRegistries } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import type { Connection } from "../connection.ts";
import { keyset, PAGE, putEach } from "./keyset.ts";

export const registryIdStream = (connection: Connection): RecordStream<StreamRecords["registryIds"]> => {
  const insert = connection.prepare("INSERT OR IGNORE INTO registry_ids (id) VALUES (?)");
  return {
    pages: keyset<{ id: string }, { id: string }>(connection, {
      sql: `SELECT id FROM registry_ids WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
      first: [""],
      keyOf: ({ id }) => [id],
      toRecord: (row) => row,
    }),
    put: putEach(connection, ({ id }) => insert.run(id)),
  };
};

const statements = ({ prepare }: Connection) => ({
  put: prepare(`INSERT INTO registries
    (id, name, provider, url, ref, path, folder, lenient, failure, moved, created, updated)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, provider = excluded.provider, url = excluded.url,
      ref = excluded.ref, path = excluded.path, folder = excluded.folder, lenient = excluded.lenient,
      failure = excluded.failure, moved = excluded.moved, created = excluded.created, updated = excluded.updated`),
  secret: prepare("INSERT OR REPLACE INTO registry_credentials (registry, kind, secret) VALUES (?, ?, ?)"),
  noSecret: prepare("DELETE FROM registry_credentials WHERE registry = ?"),
  prefer: prepare("INSERT OR REPLACE INTO default_registry (one, id) VALUES (1, ?)"),
});

export const registryStream = (
  connection: Connection,
  store: Pick<Store, "registries">,
): RecordStream<RegistryRecord> => {
  const sql = statements(connection);
  const put = (r: RegistryRecord): void => {
    const place = [r.url ?? null, r.ref ?? null, r.path ?? null, r.folder ?? null];
    const state = [r.lenient ? 1 : 0, r.failure ? JSON.stringify(r.failure) : null, r.moved ?? null];
    sql.put.run(r.id, r.name, r.provider, ...place, ...state, r.created, r.updated);
    if (r.credential) sql.secret.run(r.id, r.credential.kind, r.credential.secret);
    else sql.noSecret.run(r.id);
    if (r.default) sql.prefer.run(r.id);
  };
  return { pages: onePage(readRegistries(store)), put: putEach(connection, put) };
};
