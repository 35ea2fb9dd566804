import { Type } from "typebox";
import { recordCheck } from "../bad-records.ts";
import type {
  CopyMark,
  RecordKind,
  RecordStream,
  StorePort,
  StreamRecords,
} from "../contract/record-streams.ts";
import { indexStream, onePage, seenVersionStream } from "../record-streams.ts";
import type { Store } from "../types.ts";
import { archiveStream } from "./archives.ts";
import { batchStream } from "./batches.ts";
import { cacheTable } from "./cache.ts";
import { categories } from "./categories.ts";
import type { Connection } from "./connection.ts";
import { documents } from "./documents.ts";
import { history } from "./history.ts";
import { jobs } from "./jobs.ts";
import { keyStream } from "./keys.ts";
import { pluginLogs } from "./plugin-logs.ts";
import { pluginStream, versionStream } from "./plugins.ts";
import { registryStream } from "./registries.ts";
import { putEach, type Table, tableStream } from "./table.ts";
import { registryPins, trustStates } from "./trust.ts";

const registryIds: Table<StreamRecords["registryIds"]> = {
  ...{ name: "registry_ids", columns: "id", key: "id" },
  order: { id: "" },
  check: recordCheck(Type.Object({ id: Type.String() })),
};

/** The empty id, which stands for the library, is the first of its ids. */
const known: Table<StreamRecords["known"]> = {
  ...{ name: "known_archives", columns: "library, id", key: "library, id" },
  order: { library: "", id: "" },
  check: recordCheck(Type.Object({ library: Type.String(), id: Type.String() })),
};

const externalFields: Table<StreamRecords["foreign"]> = {
  ...{ name: "foreign_fields", columns: "key, field, value", key: "key, field" },
  order: { key: "", field: "" },
  check: recordCheck(Type.Object({ key: Type.String(), field: Type.String(), value: Type.String() })),
};

const externalIndexes: Table<StreamRecords["originals"]> = {
  ...{ name: "foreign_indexes", columns: "registry, document", key: "registry" },
  order: { registry: "" },
  check: recordCheck(Type.Object({ registry: Type.String(), document: Type.Unsafe<Buffer>(Type.Unknown()) })),
  fromRow: ({ registry, document }) => ({ registry, document: Buffer.from(document as Uint8Array) }),
  pageSize: 1,
};

type Counter = StreamRecords["counters"];

/** The table whose ids a counter gives; SQLite keeps the last one in a table of its own. */
const counted: Record<Counter["name"], string> = { job: "jobs", history: "history" };

const counterStream = (connection: Connection): RecordStream<Counter> => {
  const find = connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?");
  const change = connection.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = ?");
  const insert = connection.prepare("INSERT INTO sqlite_sequence (seq, name) VALUES (?, ?)");
  const read = (name: Counter["name"]): Counter => {
    const row = find.get(counted[name]) as { seq: number } | undefined;
    return { name, value: row?.seq ?? 0 };
  };
  return {
    pages: onePage(() => connection.read(() => [read("history"), read("job")])),
    put: putEach(connection, ({ name, value }) => {
      if (change.run(value, counted[name]).changes === 0) insert.run(value, counted[name]);
    }),
  };
};

/** A table comes before those that it refers to. */
const TABLES = [
  "history",
  "plugin_logs",
  "jobs",
  "archives",
  "known_archives",
  "categories",
  "documents",
  "keys",
  "plugin_cache",
  "plugin_versions",
  "plugins",
  "foreign_fields",
  "foreign_indexes",
  "seen_lines",
  "trust_states",
  "registry_pins",
  "registries",
  "registry_ids",
] as const;

const statements = ({ prepare }: Connection) => ({
  any: TABLES.map((table) => [table, prepare(`SELECT 1 FROM ${table} LIMIT 1`)] as const),
  clear: [...TABLES, "sqlite_sequence"].map((table) => prepare(`DELETE FROM ${table}`)),
  mark: prepare("SELECT source, kind, position FROM transfer"),
  setMark: prepare("INSERT OR REPLACE INTO transfer (one, source, kind, position) VALUES (1, ?, ?, ?)"),
  dropMark: prepare("DELETE FROM transfer"),
});

interface MarkRow {
  source: string;
  kind: RecordKind;
  position: string | null;
}

export const createStorePort = (
  connection: Connection,
  store: Pick<Store, "registries" | "catalog" | "plugins" | "keys" | "seenVersions" | "trust">,
): StorePort => {
  const sql = statements(connection);
  return {
    kinds: {
      registryIds: tableStream(connection, registryIds),
      registries: registryStream(connection, store.registries),
      indexes: indexStream(store),
      trust: tableStream(connection, trustStates),
      pins: tableStream(connection, registryPins),
      seenVersions: seenVersionStream(store),
      originals: tableStream(connection, externalIndexes),
      plugins: pluginStream(connection, store.plugins),
      versions: versionStream(connection, store.plugins),
      jobs: tableStream(connection, jobs),
      batches: batchStream(connection),
      archives: archiveStream(connection),
      categories: tableStream(connection, categories),
      documents: tableStream(connection, documents),
      known: tableStream(connection, known),
      keys: keyStream(connection, store.keys),
      history: tableStream(connection, history),
      pluginLogs: tableStream(connection, pluginLogs),
      cache: tableStream(connection, cacheTable),
      foreign: tableStream(connection, externalFields),
      counters: counterStream(connection),
    },
    first: () => connection.read(() => sql.any.find(([, any]) => any.get() !== undefined)?.[0]),
    clear: () => connection.write(() => sql.clear.forEach((statement) => void statement.run())),
    mark: () =>
      connection.read(() => {
        const row = sql.mark.get() as MarkRow | undefined;
        return row && { ...row, position: row.position ?? undefined };
      }),
    setMark: (mark: CopyMark | undefined) =>
      connection.write(
        () => {
          if (mark) sql.setMark.run(mark.source, mark.kind, mark.position ?? null);
          else sql.dropMark.run();
        },
        mark ? "relaxed" : "durable",
      ),
  };
};
