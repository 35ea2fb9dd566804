import { recordCheck } from "../bad-records.ts";
import { JobRecord, waitingJob } from "../contract/jobs.ts";
import type { JobStore, NewJob } from "../types.ts";
import type { Connection } from "./connection.ts";
import { type Row, recordOf, recordsOf, rowOf, type Table } from "./table.ts";

export const jobs: Table<JobRecord> = {
  name: "jobs",
  columns:
    "id, task, args, actor, state, priority, notes, once, delayed, checkpoint, error, result, attempts, retries, created, started, finished",
  key: "id",
  check: recordCheck(JobRecord),
  order: { id: 0 },
  json: ["args", "actor", "notes", "checkpoint", "result"],
  fromRow: ({ once, delayed, checkpoint, ...job }) => ({
    ...job,
    ...(once !== null && { once }),
    ...(delayed !== null && { delayed }),
    ...(checkpoint !== null && { checkpoint }),
  }),
};

const FIELDS = jobs.columns.split(", ");
const ENDED = "('finished', 'failed')";

export const createJobStore = (connection: Connection): JobStore => {
  const { select, one } = recordsOf(connection, jobs);
  const insert = connection.prepare(`INSERT INTO jobs (${jobs.columns})
    VALUES (${FIELDS.map(() => "?").join()})`);
  const byKey = select("WHERE once = ?");
  const page = select("WHERE ?1 IS NULL OR state = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3");
  const count = connection.prepare("SELECT count(*) AS n FROM jobs WHERE ?1 IS NULL OR state = ?1");
  const inState = select("WHERE state = ? ORDER BY priority DESC, id");
  const remove = connection.change("DELETE FROM jobs WHERE finished < ?", "relaxed");
  const updates = new Map<string, ReturnType<Connection["prepare"]>>();

  /** One statement for each set of fields that is ever changed together: there are a handful. */
  const updateOf = (fields: readonly string[]) => {
    const key = fields.join();
    const known = updates.get(key);
    if (known) return known;
    const set = fields.map((field) => `${field} = ?`).join(", ");
    const made = connection.prepare(
      `UPDATE jobs SET ${set} WHERE id = ? AND state NOT IN ${ENDED} RETURNING ${jobs.columns}`,
    );
    updates.set(key, made);
    return made;
  };

  const add = (job: NewJob, now: number, once?: string): JobRecord => {
    const made = waitingJob(job, now, once);
    const { lastInsertRowid } = insert.run(...rowOf(jobs, made as JobRecord));
    return { id: Number(lastInsertRowid), ...made };
  };

  return {
    create: (job, now) => connection.write(() => add(job, now)),
    createOnce: (job, once, now) =>
      connection.write(() => {
        const [found] = byKey(once);
        return found ? { job: found, isNew: false } : { job: add(job, now, once), isNew: true };
      }),
    get: one("WHERE id = ?"),
    list: ({ state }, number, size) =>
      connection.read(() => ({
        total: (count.get(state ?? null) as { n: number }).n,
        items: page(state ?? null, size, (number - 1) * size),
      })),
    inStates: (...states) =>
      connection.read(() =>
        states.flatMap((state) => inState(state)).sort((a, b) => b.priority - a.priority || a.id - b.id),
      ),
    update: async (id, patch) => {
      const given = FIELDS.filter((field) => patch[field as keyof typeof patch] !== undefined);
      if (given.length === 0) return undefined;
      const values = rowOf({ ...jobs, columns: given.join(", ") }, patch as JobRecord);
      // Whether a job ended is worth a sync; how far it got is not.
      const durability = patch.finished === undefined ? "relaxed" : "durable";
      return connection.write(() => {
        const row = updateOf(given).get(...values, id) as Row | undefined;
        return row && recordOf(connection, jobs, row);
      }, durability);
    },
    prune: async (before) => void (await remove(before)),
  };
};
