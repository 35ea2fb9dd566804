import { type BatchCounts, type BatchItem, batchOutcomes, HitagiError } from "@hitagi/contract";
import type { BatchStore } from "../types.ts";
import type { Connection } from "./connection.ts";

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

export const createBatchStore = (connection: Connection): BatchStore => {
  const insert = connection.prepare(`INSERT INTO batch_items (job, archive, outcome, texts)
    SELECT id, ?, ?, ? FROM jobs WHERE id = ?
    ON CONFLICT (job, archive) DO UPDATE SET outcome = excluded.outcome, texts = excluded.texts`);
  const one = connection.one<BatchRow>(
    "SELECT archive, outcome, texts FROM batch_items WHERE job = ? AND archive = ?",
  );
  const page = connection.prepare(`SELECT archive, outcome, texts FROM batch_items
    WHERE job = ?1 AND (?2 IS NULL OR outcome = ?2) ORDER BY seq LIMIT ?3 OFFSET ?4`);
  const total = connection.prepare(
    "SELECT count(*) AS n FROM batch_items WHERE job = ?1 AND (?2 IS NULL OR outcome = ?2)",
  );
  const counts = connection.all<{ outcome: string; n: number }>(
    "SELECT outcome, count(*) AS n FROM batch_items WHERE job = ? GROUP BY outcome",
  );
  const ended = connection.all<{ archive: string }>(
    "SELECT archive FROM batch_items WHERE job = ? AND outcome <> 'pending' ORDER BY seq",
  );

  return {
    put: (job, { archive, outcome, ...texts }) =>
      connection.write(() => {
        const { changes } = insert.run(archive, outcome, JSON.stringify(texts), job);
        if (changes === 0) throw new HitagiError("JOB_NOT_FOUND", { id: job });
      }, "relaxed"),
    get: async (job, archive) => {
      const row = await one(job, archive);
      return row && toItem(row);
    },
    list: (job, { outcome }, number, size) =>
      connection.read(() => ({
        total: (total.get(job, outcome ?? null) as { n: number }).n,
        items: (page.all(job, outcome ?? null, size, (number - 1) * size) as unknown as BatchRow[]).map(
          toItem,
        ),
      })),
    counts: async (job) => {
      const none = batchOutcomes.map((outcome) => [outcome, 0]);
      const found = (await counts(job)).map(({ outcome, n }) => [outcome, n]);
      return Object.fromEntries([...none, ...found]) as BatchCounts;
    },
    ended: async (job) => (await ended(job)).map(({ archive }) => archive),
  };
};
