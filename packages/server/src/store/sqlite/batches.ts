import { type BatchCounts, BatchItem, batchOutcomes, HitagiError } from "@hitagi/contract";
import { Type } from "typebox";
import { recordCheck } from "../bad-records.ts";
import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import type { BatchStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { PAGE, putEach, type Row, recordsIn, recordsOf, rowOf, type Table } from "./table.ts";

type Report = StreamRecords["batches"];

const batches: Table<Report> = {
  name: "batch_items",
  columns: "job, archive, outcome, texts",
  key: "job, archive",
  check: recordCheck(Type.Object({ job: Type.Integer(), item: BatchItem })),
  order: { job: 0, seq: 0 },
  json: ["texts"],
  toRow: ({ job, item: { archive, outcome, ...texts } }) => ({ job, archive, outcome, texts }),
  fromRow: ({ job, texts, ...row }) => ({ job, item: { ...row, ...(texts as object) } }),
};

/** Notes an item of a job; answers false if there is no such job. */
const putReport = ({ prepare }: Connection): ((report: Report) => boolean) => {
  const put = prepare(`INSERT INTO batch_items (${batches.columns}) SELECT ?, ?, ?, ?
    WHERE EXISTS (SELECT 1 FROM jobs WHERE id = ?1)
    ON CONFLICT (job, archive) DO UPDATE SET outcome = excluded.outcome, texts = excluded.texts`);
  return (report) => put.run(...rowOf(batches, report)).changes > 0;
};

export const createBatchStore = (connection: Connection): BatchStore => {
  const { select, one } = recordsOf(connection, batches);
  const put = putReport(connection);
  const find = one("WHERE job = ? AND archive = ?");
  const page = select("WHERE job = ?1 AND (?2 IS NULL OR outcome = ?2) ORDER BY seq LIMIT ?3 OFFSET ?4");
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
    put: (job, item) =>
      connection.write(() => {
        if (!put({ job, item })) throw new HitagiError("JOB_NOT_FOUND", { id: job });
      }, "relaxed"),
    get: async (job, archive) => (await find(job, archive))?.item,
    list: (job, { outcome }, number, size) =>
      connection.read(() => ({
        total: (total.get(job, outcome ?? null) as { n: number }).n,
        items: page(job, outcome ?? null, size, (number - 1) * size).map(({ item }) => item),
      })),
    counts: async (job) => {
      const none = batchOutcomes.map((outcome) => [outcome, 0]);
      const found = (await counts(job)).map(({ outcome, n }) => [outcome, n]);
      return Object.fromEntries([...none, ...found]) as BatchCounts;
    },
    ended: async (job) => (await ended(job)).map(({ archive }) => archive),
  };
};

const statements = ({ prepare }: Connection) => ({
  /** The first job from an id on, with the last place of its items; items of other jobs may lie between them. */
  span: prepare(
    "SELECT job, max(seq) AS last FROM batch_items WHERE job >= ? GROUP BY job ORDER BY job LIMIT 1",
  ),
  // The unary plus keeps SQLite from gathering and sorting all items of a job for each page.
  page: prepare(`SELECT ${batches.columns}, seq FROM batch_items
    WHERE +job = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ${PAGE}`),
});

export const batchStream = (connection: Connection): RecordStream<Report> => {
  const sql = statements(connection);
  return {
    async *pages(after = "[0,0]") {
      let [from, seq] = JSON.parse(after) as [number, number];
      for (;;) {
        const span = await connection.read(
          () => sql.span.get(from) as { job: number; last: number } | undefined,
        );
        if (!span) return;
        const { job, last } = span;
        if (job !== from) seq = 0;
        const rows = await connection.read(() => sql.page.all(job, seq, last) as Row[]);
        seq = (rows.at(-1)?.seq as number | undefined) ?? last;
        const items = rows.map(({ seq: _, ...row }) => row);
        const records = recordsIn(connection, batches, items);
        if (records.length > 0) yield { records, position: JSON.stringify([job, seq]) };
        [from, seq] = seq >= last ? [job + 1, 0] : [job, seq];
      }
    },
    put: putEach(connection, putReport(connection)),
  };
};
