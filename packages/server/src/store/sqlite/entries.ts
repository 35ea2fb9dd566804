import { setImmediate as nextTurn } from "node:timers/promises";
import type { CatalogStore } from "../types.ts";
import type { Connection } from "./connection.ts";

/** Entries that are read before other work gets a turn: a few milliseconds. */
const BATCH_ROWS = 500;

/** A row may be given to another index after it was removed, so it is known by both. */
interface Place {
  rowid: number;
  generation: number;
}
type Entry = Awaited<ReturnType<CatalogStore["entries"]>>[number];

/**
 * Reads all entries of an index in its order: first which rows they are, then the rows in batches. An index is never
 * changed, only removed whole after another took its place; where that happens meanwhile a row is missing, and the
 * reading begins again with the other.
 */
export const createEntriesReader = (connection: Connection): CatalogStore["entries"] => {
  const places = connection.prepare(`SELECT e.rowid, generation FROM catalog_indexes i
    JOIN catalog_entries e USING (generation) WHERE i.registry = ? ORDER BY e.rowid`);
  const byRowid = connection.prepare(
    "SELECT namespace, entry FROM catalog_entries WHERE rowid = ? AND generation = ?",
  );

  const readBatch = (batch: Place[]): Promise<(Entry | undefined)[]> =>
    connection.read(() =>
      batch.map(({ rowid, generation }) => byRowid.get(rowid, generation) as Entry | undefined),
    );

  const readOnce = async (id: string): Promise<Entry[] | undefined> => {
    const all = await connection.read(() => places.all(id) as Place[]);
    const entries: Entry[] = [];
    for (let from = 0; from < all.length; from += BATCH_ROWS) {
      const batch = await readBatch(all.slice(from, from + BATCH_ROWS));
      const found = batch.filter((entry) => entry !== undefined);
      if (found.length < batch.length) return undefined;
      entries.push(...found);
      await nextTurn();
    }
    return entries;
  };

  return async (id) => {
    for (;;) {
      const entries = await readOnce(id);
      if (entries) return entries;
    }
  };
};
