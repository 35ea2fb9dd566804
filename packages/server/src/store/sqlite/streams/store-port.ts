import type { CopyMark, RecordKind, StorePort } from "../../contract/record-streams.ts";
import { indexStream } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import type { Connection } from "../connection.ts";
import {
  externalIndexStream,
  pluginStream,
  registryIdStream,
  registryStream,
  versionStream,
} from "./catalog.ts";
import {
  archiveStream,
  batchStream,
  cacheStream,
  counterStream,
  externalFieldStream,
  historyStream,
  jobStream,
  keyStream,
  seenArchiveStream,
} from "./records.ts";

/** A table comes before those that it refers to. */
const TABLES = [
  "history",
  "jobs",
  "archives",
  "known_archives",
  "keys",
  "plugin_cache",
  "plugin_versions",
  "plugins",
  "foreign_fields",
  "foreign_indexes",
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
  store: Pick<Store, "registries" | "catalog" | "plugins" | "keys">,
): StorePort => {
  const sql = statements(connection);
  return {
    kinds: {
      registryIds: registryIdStream(connection),
      registries: registryStream(connection, store),
      indexes: indexStream(store),
      originals: externalIndexStream(connection),
      plugins: pluginStream(connection, store),
      versions: versionStream(connection, store),
      jobs: jobStream(connection),
      batches: batchStream(connection),
      archives: archiveStream(connection),
      known: seenArchiveStream(connection),
      keys: keyStream(connection, store),
      history: historyStream(connection),
      cache: cacheStream(connection),
      foreign: externalFieldStream(connection),
      counters: counterStream(connection),
    },
    first: () => connection.read(() => sql.any.find(([, any]) => any.get() !== undefined)?.[0]),
    clear: () => connection.write(() => sql.clear.forEach((statement) => void statement.run())),
    mark: () =>
      connection.read(() => {
        const row = sql.mark.get() as MarkRow | undefined;
        return row && { source: row.source, kind: row.kind, position: row.position ?? undefined };
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
