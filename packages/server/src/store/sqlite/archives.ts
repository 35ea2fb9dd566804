import type { ArchiveRecord, ArchiveStore, SeenArchiveStore } from "../types.ts";
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

/** A row that stands for the library itself, so that an empty library differs from an unknown one. */
const LIBRARY = "";

/** The archives that were seen of other libraries, in a SQLite store. */
export const createSeenArchiveStore = (connection: Connection): SeenArchiveStore => {
  const all = connection.prepare("SELECT id FROM known_archives WHERE library = ?");
  const add = connection.prepare("INSERT OR IGNORE INTO known_archives (library, id) VALUES (?, ?)");
  const remove = connection.prepare("DELETE FROM known_archives WHERE library = ? AND id = ?");

  return {
    of: (library) =>
      connection.read(() => {
        const ids = new Set((all.all(library) as { id: string }[]).map(({ id }) => id));
        return ids.delete(LIBRARY) ? ids : undefined;
      }),
    change: (library, added, removed) =>
      connection.write(() => {
        for (const id of [LIBRARY, ...added]) add.run(library, id);
        for (const id of removed) remove.run(library, id);
      }),
  };
};
