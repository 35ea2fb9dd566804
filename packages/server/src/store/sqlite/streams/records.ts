import type { HistoryEntry } from "@hitagi/contract";
import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import { onePage } from "../../record-streams.ts";
import type { ArchiveRecord, JobRecord, KeyRecord, Store } from "../../types.ts";
import { type BatchRow, toItem } from "../batches.ts";
import type { Connection } from "../connection.ts";
import { toEntry } from "../history.ts";
import { toJob } from "../jobs.ts";
import { PAGE, putEach, tableStream, upsert } from "./table-stream.ts";

type Counter = StreamRecords["counters"];

export const archiveStream = (connection: Connection): RecordStream<ArchiveRecord> => {
  const columns = "id, file, title, tags, summary, size, pages, added";
  const table = { name: "archives", columns, key: "id", toRow: (archive: ArchiveRecord) => ({ ...archive }) };
  const put = upsert<ArchiveRecord>(connection, table);
  // A source that renames archives during the copy may give one file to two of them.
  const freeFile = connection.prepare("DELETE FROM archives WHERE file = ? AND id <> ?");
  return {
    ...tableStream<ArchiveRecord>(connection, table, { order: { seq: 0 } }),
    put: putEach(connection, (archive) => {
      freeFile.run(archive.file, archive.id);
      put(archive);
    }),
  };
};

/** The empty id, which stands for the library, is the first of its ids. */
export const seenArchiveStream = (connection: Connection): RecordStream<StreamRecords["known"]> =>
  tableStream(
    connection,
    { name: "known_archives", columns: "library, id", key: "library, id" },
    { order: { library: "", id: "" } },
  );

export const cacheStream = (connection: Connection): RecordStream<StreamRecords["cache"]> =>
  tableStream(
    connection,
    { name: "plugin_cache", columns: "namespace, key, value, expires", key: "namespace, key" },
    { order: { namespace: "", seq: 0 } },
  );

export const externalFieldStream = (connection: Connection): RecordStream<StreamRecords["foreign"]> =>
  tableStream(
    connection,
    { name: "foreign_fields", columns: "key, field, value", key: "key, field" },
    { order: { key: "", field: "" } },
  );

export const keyStream = (connection: Connection, { keys }: Pick<Store, "keys">): RecordStream<KeyRecord> => {
  const put = upsert<KeyRecord>(connection, {
    name: "keys",
    columns: "id, name, scope, hash, created, expires, last_used",
    key: "id",
    toRow: ({ lastUsed, ...key }) => ({ ...key, last_used: lastUsed }),
  });
  return { pages: onePage(() => keys.list()), put: putEach(connection, put) };
};

export const jobStream = (connection: Connection): RecordStream<JobRecord> =>
  tableStream<JobRecord>(
    connection,
    {
      name: "jobs",
      columns:
        "id, task, args, actor, state, priority, notes, error, result, attempts, retries, created, started, finished",
      key: "id",
      toRow: ({ args, actor, notes, result, ...job }) => ({
        ...job,
        args: JSON.stringify(args),
        actor: JSON.stringify(actor),
        notes: JSON.stringify(notes),
        result: JSON.stringify(result ?? null),
      }),
    },
    { order: { id: 0 }, toRecord: toJob },
  );

export const historyStream = (connection: Connection): RecordStream<HistoryEntry> =>
  tableStream<HistoryEntry>(
    connection,
    {
      name: "history",
      columns: "id, time, actor_kind, actor_key, action, subject_kind, subject_id, outcome, ms, job",
      key: "id",
      toRow: ({ actor, subject, ...entry }) => ({
        ...entry,
        ...{ actor_kind: actor.kind, actor_key: actor.key },
        ...{ subject_kind: subject?.kind, subject_id: subject?.id },
      }),
    },
    { order: { id: 0 }, toRecord: toEntry },
  );

const batchStatements = ({ prepare }: Connection) => ({
  /** The first job from an id on, with the last place of its items; items of other jobs may lie between them. */
  span: prepare(
    "SELECT job, max(seq) AS last FROM batch_items WHERE job >= ? GROUP BY job ORDER BY job LIMIT 1",
  ),
  // The unary plus keeps SQLite from gathering and sorting all items of a job for each page.
  page: prepare(`SELECT seq, archive, outcome, texts FROM batch_items
    WHERE +job = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ${PAGE}`),
  put: prepare(`INSERT INTO batch_items (job, archive, outcome, texts) SELECT id, ?, ?, ? FROM jobs WHERE id = ?
    ON CONFLICT (job, archive) DO UPDATE SET outcome = excluded.outcome, texts = excluded.texts`),
});

export const batchStream = (connection: Connection): RecordStream<StreamRecords["batches"]> => {
  const sql = batchStatements(connection);
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
        const rows = await connection.read(
          () => sql.page.all(job, seq, last) as unknown as (BatchRow & { seq: number })[],
        );
        seq = rows.at(-1)?.seq ?? last;
        const records = rows.map((row) => ({ job, item: toItem(row) }));
        if (records.length > 0) yield { records, position: JSON.stringify([job, seq]) };
        [from, seq] = seq >= last ? [job + 1, 0] : [job, seq];
      }
    },
    put: putEach(connection, ({ job, item: { archive, outcome, ...texts } }) => {
      sql.put.run(archive, outcome, JSON.stringify(texts), job);
    }),
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
