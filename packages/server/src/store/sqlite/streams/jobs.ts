import type { HistoryEntry } from "@hitagi/contract";
import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import type { JobRecord } from "../../types.ts";
import { type BatchRow, toItem } from "../batches.ts";
import type { Connection } from "../connection.ts";
import { type HistoryRow, toEntry } from "../history.ts";
import { type JobRow, toJob } from "../jobs.ts";
import { keyset, PAGE, putEach } from "./keyset.ts";

export const jobStream = (connection: Connection): RecordStream<JobRecord> => {
  const insert = connection.prepare(`INSERT INTO jobs
    (id, task, args, actor, state, priority, notes, error, result, attempts, retries, created, started, finished)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET task = excluded.task, args = excluded.args, actor = excluded.actor,
      state = excluded.state, priority = excluded.priority, notes = excluded.notes, error = excluded.error,
      result = excluded.result, attempts = excluded.attempts, retries = excluded.retries, created = excluded.created,
      started = excluded.started, finished = excluded.finished`);
  const put = (job: JobRecord): void => {
    const [args, actor, notes, result] = [job.args, job.actor, job.notes, job.result].map((v) =>
      JSON.stringify(v ?? null),
    );
    const what = [job.id, job.task, args, actor, job.state, job.priority, notes, job.error, result] as const;
    insert.run(...what, job.attempts, job.retries, job.created, job.started, job.finished);
  };
  return {
    pages: keyset<JobRow, JobRecord>(connection, {
      sql: `SELECT * FROM jobs WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
      first: [0],
      keyOf: ({ id }) => [id],
      toRecord: toJob,
    }),
    put: putEach(connection, put),
  };
};

/** Where the reports of a batch lie: those of others may lie between them. */
interface Span {
  job: number;
  last: number;
}

const batchStatements = ({ prepare }: Connection) => ({
  span: prepare(
    "SELECT job, max(seq) AS last FROM batch_items WHERE job >= ? GROUP BY job ORDER BY job LIMIT 1",
  ),
  // The unary plus keeps SQLite from gathering and sorting all of a job for each page.
  page: prepare(`SELECT seq, archive, outcome, texts FROM batch_items
    WHERE +job = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ${PAGE}`),
  put: prepare(`INSERT INTO batch_items (job, archive, outcome, texts) SELECT id, ?, ?, ? FROM jobs WHERE id = ?
    ON CONFLICT (job, archive) DO UPDATE SET outcome = excluded.outcome, texts = excluded.texts`),
});

export const batchStream = (connection: Connection): RecordStream<StreamRecords["batches"]> => {
  const sql = batchStatements(connection);
  return {
    async *pages(after) {
      let [from, seq] = after === undefined ? [0, 0] : (JSON.parse(after) as [number, number]);
      for (;;) {
        const span = await connection.read(() => sql.span.get(from) as Span | undefined);
        if (!span) return;
        const { job, last } = span;
        if (job !== from) seq = 0;
        const rows = await connection.read(
          () => sql.page.all(job, seq, last) as unknown as (BatchRow & { seq: number })[],
        );
        seq = rows.at(-1)?.seq ?? last;
        const records = rows.map((row) => ({ job, item: toItem(row) }));
        if (records.length > 0) yield { records, position: JSON.stringify([job, seq]) };
        [from, seq] = seq >= last ? [job + 1, 0] : [job, seq];
      }
    },
    put: putEach(connection, ({ job, item: { archive, outcome, ...texts } }) =>
      sql.put.run(archive, outcome, JSON.stringify(texts), job),
    ),
  };
};

export const historyStream = (connection: Connection): RecordStream<HistoryEntry> => {
  const insert = connection.prepare(`INSERT OR REPLACE INTO history
    (id, time, actor_kind, actor_key, action, subject_kind, subject_id, outcome, ms, job)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  return {
    pages: keyset<HistoryRow, HistoryEntry>(connection, {
      sql: `SELECT * FROM history WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
      first: [0],
      keyOf: ({ id }) => [id],
      toRecord: toEntry,
    }),
    put: putEach(connection, ({ id, time, actor, action, subject, outcome, ms, job }) => {
      const about = [subject?.kind ?? null, subject?.id ?? null] as const;
      return insert.run(id, time, actor.kind, actor.key, action, ...about, outcome, ms, job);
    }),
  };
};
