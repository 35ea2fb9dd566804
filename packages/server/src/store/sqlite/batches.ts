import { type BatchCounts, type BatchItem, batchOutcomes, HitagiError } from "@hitagi/contract";
import type { BatchStore } from "../types.ts";
import type { Connection } from "./connection.ts";

/** What was done to one archive, as its row is. */
export interface BatchRow {
  archive: string;
  outcome: BatchItem["outcome"];
  texts: string;
}

export const toItem = ({ archive, outcome, texts }: BatchRow): BatchItem => ({
  archive,
  outcome,
  ...(JSON.parse(texts) as Pick<BatchItem, "before" | "after" | "errors">),
});

/** What batches did, in a SQLite store. */
export const createBatchStore = (connection: Connection): BatchStore => {
  const insert = connection.prepare(`INSERT INTO batch_items (job, archive, outcome, texts)
    SELECT id, ?, ?, ? FROM jobs WHERE id = ?
    ON CONFLICT (job, archive) DO UPDATE SET outcome = excluded.outcome, texts = excluded.texts`);
  const one = connection.prepare(
    "SELECT archive, outcome, texts FROM batch_items WHERE job = ? AND archive = ?",
  );
  const page = connection.prepare(`SELECT archive, outcome, texts FROM batch_items
    WHERE job = ?1 AND (?2 IS NULL OR outcome = ?2) ORDER BY seq LIMIT ?3 OFFSET ?4`);
  const total = connection.prepare(
    "SELECT count(*) AS n FROM batch_items WHERE job = ?1 AND (?2 IS NULL OR outcome = ?2)",
  );
  const counts = connection.prepare(
    "SELECT outcome, count(*) AS n FROM batch_items WHERE job = ? GROUP BY outcome",
  );
  const ended = connection.prepare(
    "SELECT archive FROM batch_items WHERE job = ? AND outcome <> 'pending' ORDER BY seq",
  );

  return {
    put: (job, { archive, outcome, ...texts }) =>
      connection.write(() => {
        const { changes } = insert.run(archive, outcome, JSON.stringify(texts), job);
        if (changes === 0) throw new HitagiError("JOB_NOT_FOUND", { id: job });
      }, "relaxed"),
    get: (job, archive) =>
      connection.read(() => {
        const row = one.get(job, archive) as BatchRow | undefined;
        return row && toItem(row);
      }),
    list: (job, { outcome }, number, size) =>
      connection.read(() => ({
        total: (total.get(job, outcome ?? null) as { n: number }).n,
        items: (page.all(job, outcome ?? null, size, (number - 1) * size) as unknown as BatchRow[]).map(
          toItem,
        ),
      })),
    counts: (job) =>
      connection.read(() => {
        const rows = counts.all(job) as { outcome: string; n: number }[];
        const none = batchOutcomes.map((outcome) => [outcome, 0]);
        return Object.fromEntries([...none, ...rows.map(({ outcome, n }) => [outcome, n])]) as BatchCounts;
      }),
    ended: (job) => connection.read(() => (ended.all(job) as { archive: string }[]).map((r) => r.archive)),
  };
};
