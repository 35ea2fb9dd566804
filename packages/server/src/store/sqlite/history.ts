import { HistoryEntry } from "@hitagi/contract";
import { recordCheck } from "../bad-records.ts";
import type { HistoryFilter, HistoryStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { recordsOf, type Table } from "./table.ts";

export const history: Table<HistoryEntry> = {
  name: "history",
  columns: "id, time, actor_kind, actor_key, action, subject_kind, subject_id, outcome, ms, job, details",
  key: "id",
  check: recordCheck(HistoryEntry),
  order: { id: 0 },
  json: ["details"],
  toRow: ({ actor, subject, ...entry }) => ({
    ...entry,
    ...{ actor_kind: actor.kind, actor_key: actor.key },
    ...{ subject_kind: subject?.kind, subject_id: subject?.id },
  }),
  fromRow: ({ actor_kind, actor_key, subject_kind, subject_id, details, ...entry }) => ({
    ...entry,
    ...(details !== null && { details }),
    actor: { kind: actor_kind, key: actor_key },
    subject: subject_kind === null ? null : { kind: subject_kind, id: subject_id ?? "" },
  }),
};

/** One condition a field of the filter, in the order of {@link values}. */
const WHERE = `WHERE (?1 IS NULL OR actor_key = ?1 OR actor_kind = ?1)
  AND (?2 IS NULL OR action = ?2)
  AND (?3 IS NULL OR subject_kind = ?3)
  AND (?4 IS NULL OR subject_id = ?4)
  AND (?5 IS NULL OR outcome = ?5 OR (?5 = 'failed' AND outcome <> 'ok'))
  AND (?6 IS NULL OR time >= ?6)
  AND (?7 IS NULL OR time < ?7)
  AND id > ?8 AND id < ?9
  AND (?10 IS NULL
    OR (subject_kind = 'plugin' AND instr(',' || subject_id || ',', ',' || ?10 || ',') > 0)
    OR (subject_kind = 'setting' AND (subject_id = ?10 OR instr(subject_id, ?10 || ':') = 1))
    OR EXISTS (SELECT 1 FROM json_each(details, '$.plugins') WHERE value ->> 'namespace' = ?10))
  AND (?11 IS NULL
    OR (subject_kind = 'archive' AND subject_id = ?11)
    OR details ->> '$.archive.id' = ?11
    OR EXISTS (SELECT 1 FROM batch_items WHERE batch_items.job = history.job AND archive = ?11)
    OR (action = 'undo_batch' AND EXISTS (SELECT 1 FROM batch_items WHERE batch_items.job = CAST(subject_id AS INTEGER)
      AND archive = ?11 AND batch_items.outcome IN ('undone', 'kept')
      AND coalesce(texts ->> '$.undo', history.job) = history.job)))`;

const values = (f: HistoryFilter): (string | number | null)[] => [
  ...[f.actor, f.action, f.kind, f.subject, f.outcome, f.since, f.until].map((value) => value ?? null),
  f.after ?? 0,
  f.before ?? Number.MAX_SAFE_INTEGER,
  f.plugin ?? null,
  f.archive ?? null,
];

const isWhole = (filter: HistoryFilter): boolean =>
  Object.values(filter).every((value) => value === undefined);

export const createHistoryStore = (connection: Connection): HistoryStore => {
  const { insert, select, all } = recordsOf(connection, history);
  const add = insert("INSERT");
  const page = select(`${WHERE} ORDER BY id DESC LIMIT ?12 OFFSET ?13`);
  const count = connection.prepare(`SELECT count(*) AS n FROM history ${WHERE}`);
  /** All entries, which SQLite counts without reading them. */
  const countAll = connection.prepare("SELECT count(*) AS n FROM history");
  const next = all(`${WHERE} ORDER BY id LIMIT ?12`);
  const expire = connection.prepare("DELETE FROM history WHERE time < ?");
  const trim = connection.prepare(`DELETE FROM history WHERE id <=
    (SELECT id FROM history ORDER BY id DESC LIMIT 1 OFFSET ?)`);

  return {
    add: (entry) => connection.write(() => void add(entry as HistoryEntry), "relaxed"),
    list: (filter, number, size) =>
      connection.read(() => ({
        total: ((isWhole(filter) ? countAll.get() : count.get(...values(filter))) as { n: number }).n,
        items: page(...values(filter), size, (number - 1) * size),
      })),
    next: (filter, limit) => next(...values(filter), limit),
    prune: (before, keep) =>
      connection.write(() => {
        expire.run(before);
        trim.run(keep);
      }, "relaxed"),
  };
};
