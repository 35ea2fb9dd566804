import type { HistoryEntry } from "@hitagi/contract";
import type { HistoryFilter, HistoryStore } from "../types.ts";
import type { Connection } from "./connection.ts";

export interface HistoryRow extends Omit<HistoryEntry, "actor" | "subject"> {
  actor_kind: HistoryEntry["actor"]["kind"];
  actor_key: string | null;
  subject_kind: NonNullable<HistoryEntry["subject"]>["kind"] | null;
  subject_id: string | null;
}

export const toEntry = ({
  actor_kind,
  actor_key,
  subject_kind,
  subject_id,
  ...rest
}: HistoryRow): HistoryEntry => ({
  id: rest.id,
  time: rest.time,
  actor: { kind: actor_kind, key: actor_key },
  action: rest.action,
  subject: subject_kind === null ? null : { kind: subject_kind, id: subject_id ?? "" },
  outcome: rest.outcome,
  ms: rest.ms,
  job: rest.job,
});

/** One condition a field of the filter, in the order of {@link values}. */
const WHERE = `WHERE (?1 IS NULL OR actor_key = ?1 OR actor_kind = ?1)
  AND (?2 IS NULL OR action = ?2)
  AND (?3 IS NULL OR subject_kind = ?3)
  AND (?4 IS NULL OR subject_id = ?4)
  AND (?5 IS NULL OR outcome = ?5 OR (?5 = 'failed' AND outcome <> 'ok'))
  AND (?6 IS NULL OR time >= ?6)
  AND (?7 IS NULL OR time < ?7)
  AND id > ?8 AND id < ?9`;

const values = (f: HistoryFilter): (string | number | null)[] => [
  f.actor ?? null,
  f.action ?? null,
  f.kind ?? null,
  f.subject ?? null,
  f.outcome ?? null,
  f.since ?? null,
  f.until ?? null,
  f.after ?? 0,
  f.before ?? Number.MAX_SAFE_INTEGER,
];

export const createHistoryStore = (connection: Connection): HistoryStore => {
  const insert = connection.change(
    `INSERT INTO history (time, actor_kind, actor_key, action, subject_kind, subject_id, outcome, ms, job)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    "relaxed",
  );
  const page = connection.prepare(`SELECT * FROM history ${WHERE} ORDER BY id DESC LIMIT ?10 OFFSET ?11`);
  const count = connection.prepare(`SELECT count(*) AS n FROM history ${WHERE}`);
  const next = connection.all<HistoryRow>(`SELECT * FROM history ${WHERE} ORDER BY id LIMIT ?10`);
  const expire = connection.prepare("DELETE FROM history WHERE time < ?");
  const trim = connection.prepare(`DELETE FROM history WHERE id <=
    (SELECT id FROM history ORDER BY id DESC LIMIT 1 OFFSET ?)`);

  return {
    add: async ({ time, actor, action, subject, outcome, ms, job }) => {
      const about = [subject?.kind ?? null, subject?.id ?? null] as const;
      await insert(time, actor.kind, actor.key, action, ...about, outcome, ms, job);
    },
    list: (filter, number, size) =>
      connection.read(() => ({
        total: (count.get(...values(filter)) as { n: number }).n,
        items: (page.all(...values(filter), size, (number - 1) * size) as HistoryRow[]).map(toEntry),
      })),
    next: async (filter, limit) => (await next(...values(filter), limit)).map(toEntry),
    prune: (before, keep) =>
      connection.write(() => {
        expire.run(before);
        trim.run(keep);
      }, "relaxed"),
  };
};
