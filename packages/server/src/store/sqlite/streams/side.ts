import { indexPassage } from "../../../store-copy/small-kinds.ts";
import type { TransferKind, TransferMark, TransferSide } from "../../contract/record-streams.ts";
import type { Store } from "../../types.ts";
import type { Connection } from "../connection.ts";
import { archivePassage, cachePassage, knownPassage } from "./archives.ts";
import { batchPassage, historyPassage, jobPassage } from "./jobs.ts";
import { pluginPassage, versionPassage } from "./plugins.ts";
import { registryIdPassage, registryPassage } from "./registries.ts";
import { counterPassage, foreignPassage, keyPassage, originalPassage } from "./rest.ts";

/** Those that others belong to come last; what belongs to a registry or a job goes with it. */
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
  kind: TransferKind;
  position: string | null;
}

/** A SQLite store's side of a copy. */
export const createTransferSide = (
  connection: Connection,
  store: Pick<Store, "registries" | "catalog" | "plugins" | "keys">,
): TransferSide => {
  const sql = statements(connection);
  return {
    kinds: {
      registryIds: registryIdPassage(connection),
      registries: registryPassage(connection, store),
      indexes: indexPassage(store),
      originals: originalPassage(connection),
      plugins: pluginPassage(connection, store),
      versions: versionPassage(connection, store),
      jobs: jobPassage(connection),
      batches: batchPassage(connection),
      archives: archivePassage(connection),
      known: knownPassage(connection),
      keys: keyPassage(connection, store),
      history: historyPassage(connection),
      cache: cachePassage(connection),
      foreign: foreignPassage(connection),
      counters: counterPassage(connection),
    },
    first: () => connection.read(() => sql.any.find(([, any]) => any.get() !== undefined)?.[0]),
    clear: () => connection.write(() => sql.clear.forEach((statement) => void statement.run())),
    mark: () =>
      connection.read(() => {
        const row = sql.mark.get() as MarkRow | undefined;
        return row && { source: row.source, kind: row.kind, position: row.position ?? undefined };
      }),
    setMark: (mark: TransferMark | undefined) =>
      connection.write(
        () => {
          if (mark) sql.setMark.run(mark.source, mark.kind, mark.position ?? null);
          else sql.dropMark.run();
        },
        mark ? "relaxed" : "durable",
      ),
  };
};
