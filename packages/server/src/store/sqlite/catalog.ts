import { setImmediate as nextTurn } from "node:timers/promises";
import { HitagiError, type IndexPlugin } from "@hitagi/contract";
import type { CatalogRow, CatalogStore, IndexMeta, OfferSummary } from "../types.ts";
import type { Connection } from "./connection.ts";
import { createEntriesReader } from "./entries.ts";
import type { Generations } from "./generations.ts";
import { skippedOf } from "./skipped.ts";

/** Characters of JSON that are written before other work gets a turn: a few milliseconds. */
const BATCH_CHARS = 512 * 1024;
/** Rows after which a batch is written even where they are small. */
const BATCH_ROWS = 500;

interface MetaRow {
  generated_at: string;
  etag: string | null;
  last_modified: string | null;
  refreshed: number;
  plugins: number;
  skipped: string;
  skipped_count: number;
}

const toMeta = (row: MetaRow): IndexMeta => ({
  generated_at: row.generated_at,
  ...(row.etag !== null && { etag: row.etag }),
  ...(row.last_modified !== null && { lastModified: row.last_modified }),
  refreshed: row.refreshed,
  plugins: row.plugins,
  ...skippedOf(row.skipped, row.skipped_count),
});

const batches = function* (rows: Iterable<CatalogRow>): Generator<CatalogRow[]> {
  let batch: CatalogRow[] = [];
  let chars = 0;
  for (const row of rows) {
    batch.push(row);
    chars += row.entry.length;
    if (chars < BATCH_CHARS && batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
    chars = 0;
  }
  if (batch.length > 0) yield batch;
};

const statements = ({ prepare }: Connection) => ({
  addSummaries: prepare("INSERT INTO catalog_summaries (generation, summaries) VALUES (?, ?)"),
  addEntry: prepare("INSERT INTO catalog_entries (generation, namespace, entry) VALUES (?, ?, ?)"),
  registry: prepare("SELECT 1 FROM registries WHERE id = ? AND updated = ?"),
  flip: prepare(`INSERT OR REPLACE INTO catalog_indexes
    (registry, generation, generated_at, etag, last_modified, refreshed, plugins, skipped, skipped_count)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  touch: prepare("UPDATE catalog_indexes SET refreshed = ? WHERE registry = ?"),
  meta: prepare("SELECT * FROM catalog_indexes WHERE registry = ?"),
  summaries: prepare(`SELECT s.summaries FROM catalog_indexes i JOIN catalog_summaries s USING (generation)
    WHERE i.registry = ? ORDER BY s.rowid`),
  entry: prepare(`SELECT e.entry FROM catalog_indexes i JOIN catalog_entries e USING (generation)
    WHERE i.registry = ? AND e.namespace = ?`),
});

/**
 * The cached indexes of a SQLite store. An index is written under a new generation, which nobody reads, in
 * batches that leave other work its turns; one small change then makes it the registry's. The old generation
 * goes in the background. All of it is relaxed: a power cut can bring the index before back, which is whole.
 */
export const createCatalogStore = (connection: Connection, generations: Generations): CatalogStore => {
  const sql = statements(connection);

  const writeBatch = (generation: number, batch: CatalogRow[]): Promise<void> =>
    connection.write(() => {
      sql.addSummaries.run(generation, JSON.stringify(batch.map((row) => row.summary)));
      for (const row of batch) sql.addEntry.run(generation, row.summary.namespace, row.entry);
    }, "relaxed");

  const flip = (id: string, updated: number, generation: number, meta: IndexMeta): Promise<void> =>
    connection.write(() => {
      if (!sql.registry.get(id, updated)) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
      const { generated_at, etag = null, lastModified = null, refreshed, plugins } = meta;
      const { skipped = [], skippedCount = 0 } = meta;
      const left = [JSON.stringify(skipped), skippedCount];
      sql.flip.run(id, generation, generated_at, etag, lastModified, refreshed, plugins, ...left);
    }, "relaxed");

  const write = async (generation: number, rows: Iterable<CatalogRow>): Promise<number> => {
    let written = 0;
    for (const batch of batches(rows)) {
      await writeBatch(generation, batch);
      written += batch.reduce((sum, row) => sum + row.entry.length, 0);
      await nextTurn();
    }
    return written;
  };

  return {
    replace: (id, updated, meta, rows) =>
      generations.write(async (generation) => {
        const written = await write(generation, rows);
        await flip(id, updated, generation, meta);
        return written;
      }),
    touch: (id, refreshed) => connection.write(() => void sql.touch.run(refreshed, id), "relaxed"),
    meta: (id) =>
      connection.read(() => {
        const row = sql.meta.get(id) as MetaRow | undefined;
        return row && toMeta(row);
      }),
    summaries: (id) =>
      connection.read(() =>
        (sql.summaries.all(id) as { summaries: string }[]).flatMap(
          (row) => JSON.parse(row.summaries) as OfferSummary[],
        ),
      ),
    entry: (id, namespace) =>
      connection.read(() => {
        const row = sql.entry.get(id, namespace.toLowerCase()) as { entry: string } | undefined;
        return row && (JSON.parse(row.entry) as IndexPlugin);
      }),
    entries: createEntriesReader(connection),
  };
};
