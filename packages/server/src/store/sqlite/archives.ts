import type { ArchiveRecord, ArchiveStore } from "../types.ts";
import type { Connection } from "./connection.ts";

const FIELDS = "id, file, title, tags, summary, size, pages, added";

/** The archive records of a SQLite store. */
export const createArchiveStore = (connection: Connection): ArchiveStore => {
  const insert = connection.prepare(
    `INSERT OR IGNORE INTO archives (${FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const byId = connection.prepare(`SELECT ${FIELDS} FROM archives WHERE id = ?`);
  const all = connection.prepare(`SELECT ${FIELDS} FROM archives ORDER BY seq`);
  const count = connection.prepare("SELECT count(*) AS n FROM archives");
  const change = connection.prepare(`UPDATE OR IGNORE archives SET title = coalesce(?, title),
    tags = coalesce(?, tags), summary = coalesce(?, summary), file = coalesce(?, file), size = coalesce(?, size),
    pages = coalesce(?, pages) WHERE id = ?`);
  const remove = connection.prepare("DELETE FROM archives WHERE id = ?");

  return {
    add: ({ id, file, title, tags, summary, size, pages, added }) =>
      connection.write(() => insert.run(id, file, title, tags, summary, size, pages, added).changes > 0),
    get: (id) => connection.read(() => byId.get(id) as ArchiveRecord | undefined),
    list: () => connection.read(() => all.all() as ArchiveRecord[]),
    count: () => connection.read(() => (count.get() as { n: number }).n),
    update: (id, { title, tags, summary, file, size, pages }, durability) => {
      const values = [title, tags, summary, file, size, pages].map((value) => value ?? null);
      return connection.write(() => change.run(...values, id).changes > 0, durability);
    },
    delete: (id) => connection.write(() => remove.run(id).changes > 0),
  };
};
