import type { JobRecord, JobStore } from "../types.ts";
import type { Connection } from "./connection.ts";

export type JobRow = Omit<JobRecord, "args" | "actor" | "notes" | "result"> & {
  args: string;
  actor: string;
  notes: string;
  result: string | null;
};

export const toJob = (row: JobRow): JobRecord => ({
  ...row,
  args: JSON.parse(row.args) as unknown[],
  actor: JSON.parse(row.actor) as JobRecord["actor"],
  notes: JSON.parse(row.notes) as Record<string, string>,
  result: row.result === null ? null : (JSON.parse(row.result) as unknown),
});

/** How each field that may change is stored. */
const columns = {
  state: (v) => v,
  priority: (v) => v,
  notes: (v) => JSON.stringify(v),
  error: (v) => v,
  result: (v) => JSON.stringify(v ?? null),
  attempts: (v) => v,
  retries: (v) => v,
  started: (v) => v,
  finished: (v) => v,
} satisfies { [F in keyof JobPatch]-?: (value: JobPatch[F]) => unknown };
type JobPatch = Parameters<JobStore["update"]>[1];

const ENDED = "('finished', 'failed')";

export const createJobStore = (connection: Connection): JobStore => {
  const insert = connection.prepare(`INSERT INTO jobs
    (task, args, actor, state, priority, notes, attempts, retries, created)
    VALUES (?, ?, ?, 'inactive', ?, ?, 1, 0, ?)
    RETURNING *`);
  const byId = connection.one<JobRow>("SELECT * FROM jobs WHERE id = ?");
  const page = connection.prepare(
    "SELECT * FROM jobs WHERE ?1 IS NULL OR state = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3",
  );
  const count = connection.prepare("SELECT count(*) AS n FROM jobs WHERE ?1 IS NULL OR state = ?1");
  const inState = connection.prepare("SELECT * FROM jobs WHERE state = ? ORDER BY priority DESC, id");
  const remove = connection.change("DELETE FROM jobs WHERE finished < ?", "relaxed");
  const updates = new Map<string, ReturnType<Connection["prepare"]>>();

  /** One statement for each set of fields that is ever changed together: there are a handful. */
  const updateOf = (fields: readonly string[]) => {
    const key = fields.join();
    const known = updates.get(key);
    if (known) return known;
    const set = fields.map((field) => `${field} = ?`).join(", ");
    const made = connection.prepare(
      `UPDATE jobs SET ${set} WHERE id = ? AND state NOT IN ${ENDED} RETURNING *`,
    );
    updates.set(key, made);
    return made;
  };

  return {
    create: ({ task, args, actor, priority, notes }, now) =>
      connection.write(() => {
        const [given, by, said] = [args, actor, notes].map((value) => JSON.stringify(value));
        return toJob(insert.get(task, given, by, priority, said, now) as JobRow);
      }),
    get: async (id) => {
      const row = await byId(id);
      return row && toJob(row);
    },
    list: ({ state }, number, size) =>
      connection.read(() => ({
        total: (count.get(state ?? null) as { n: number }).n,
        items: (page.all(state ?? null, size, (number - 1) * size) as JobRow[]).map(toJob),
      })),
    inStates: (...states) =>
      connection.read(() =>
        states
          .flatMap((state) => inState.all(state) as JobRow[])
          .sort((a, b) => b.priority - a.priority || a.id - b.id)
          .map(toJob),
      ),
    update: async (id, patch) => {
      const given = Object.keys(columns).filter(
        (f) => patch[f as keyof JobPatch] !== undefined,
      ) as (keyof typeof columns)[];
      if (given.length === 0) return undefined;
      const values = given.map((field) => (columns[field] as (v: unknown) => unknown)(patch[field]));
      // Whether a job ended is worth a sync; how far it got is not.
      const durability = patch.finished === undefined ? "relaxed" : "durable";
      return connection.write(() => {
        const row = updateOf(given).get(...values, id) as JobRow | undefined;
        return row && toJob(row);
      }, durability);
    },
    prune: async (before) => void (await remove(before)),
  };
};
