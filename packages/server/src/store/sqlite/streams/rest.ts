import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import { onePage } from "../../record-streams.ts";
import type { KeyRecord, Store } from "../../types.ts";
import type { Connection } from "../connection.ts";
import { keyset, PAGE, putEach } from "./keyset.ts";

type Foreign = StreamRecords["foreign"];
type Original = StreamRecords["originals"];
type Counter = StreamRecords["counters"];

export const keyStream = (connection: Connection, { keys }: Pick<Store, "keys">): RecordStream<KeyRecord> => {
  const insert = connection.prepare(`INSERT INTO keys (id, name, scope, hash, created, expires, last_used)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, scope = excluded.scope, hash = excluded.hash,
      created = excluded.created, expires = excluded.expires, last_used = excluded.last_used`);
  return {
    pages: onePage(() => keys.list()),
    put: putEach(connection, ({ id, name, scope, hash, created, expires, lastUsed }) =>
      insert.run(id, name, scope, hash, created, expires, lastUsed),
    ),
  };
};

export const externalFieldStream = (connection: Connection): RecordStream<Foreign> => {
  const insert = connection.prepare(
    "INSERT OR REPLACE INTO foreign_fields (key, field, value) VALUES (?, ?, ?)",
  );
  return {
    pages: keyset<Foreign, Foreign>(connection, {
      sql: `SELECT key, field, value FROM foreign_fields WHERE (key, field) > (?, ?) ORDER BY key, field LIMIT ${PAGE}`,
      first: ["", ""],
      keyOf: ({ key, field }) => [key, field],
      toRecord: (row) => row,
    }),
    put: putEach(connection, ({ key, field, value }) => insert.run(key, field, value)),
  };
};

export const originalStream = (connection: Connection): RecordStream<Original> => {
  const insert = connection.prepare(
    "INSERT OR REPLACE INTO foreign_indexes (registry, document) VALUES (?, ?)",
  );
  return {
    pages: keyset<{ registry: string; document: Uint8Array }, Original>(connection, {
      sql: "SELECT registry, document FROM foreign_indexes WHERE registry > ? ORDER BY registry LIMIT 1",
      first: [""],
      keyOf: ({ registry }) => [registry],
      toRecord: ({ registry, document }) => ({ registry, document: Buffer.from(document) }),
    }),
    put: putEach(connection, ({ registry, document }) => insert.run(registry, document)),
  };
};

/** The table whose ids a counter gives; SQLite keeps the last one in a table of its own. */
const tables: Record<Counter["name"], string> = { job: "jobs", history: "history" };

export const counterStream = (connection: Connection): RecordStream<Counter> => {
  const find = connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?");
  const change = connection.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = ?");
  const insert = connection.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)");
  const read = (name: Counter["name"]): Counter => {
    const row = find.get(tables[name]) as { seq: number } | undefined;
    return { name, value: row?.seq ?? 0 };
  };
  return {
    pages: onePage(() => connection.read(() => [read("history"), read("job")])),
    put: putEach(connection, ({ name, value }) => {
      if (change.run(value, tables[name]).changes === 0) insert.run(tables[name], value);
    }),
  };
};
