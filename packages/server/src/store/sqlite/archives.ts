import { recordCheck } from "../bad-records.ts";
import { ArchiveRecord } from "../contract/archives.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import type { ArchiveStore, SeenArchiveStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { putEach, recordsOf, type Table, tableStream } from "./table.ts";

const archives: Table<ArchiveRecord> = {
  name: "archives",
  columns: "id, file, title, tags, summary, size, pages, added, modified",
  key: "id",
  order: { seq: 0 },
  check: recordCheck(ArchiveRecord),
  fromRow: ({ modified, ...archive }) => ({ ...archive, ...(modified !== null && { modified }) }),
};

export const createArchiveStore = (connection: Connection): ArchiveStore => {
  const { insert, select, one, all } = recordsOf(connection, archives);
  const add = insert("INSERT OR IGNORE");
  const count = connection.one<{ n: number }>("SELECT count(*) AS n FROM archives");
  const change = connection.prepare(`UPDATE OR IGNORE archives SET title = coalesce(?, title),
    tags = coalesce(?, tags), summary = coalesce(?, summary), file = coalesce(?, file), size = coalesce(?, size),
    pages = coalesce(?, pages), modified = coalesce(?, modified) WHERE id = ?`);
  const remove = connection.prepare("DELETE FROM archives WHERE id = ?");
  const find = select("WHERE id = ?");
  /** A bad record is not changed. */
  const exists = (id: string): boolean => find(id).length > 0;

  return {
    add: (archive) => connection.write(() => add(archive) > 0),
    get: one("WHERE id = ?"),
    list: all("ORDER BY seq"),
    count: async () => (await count())?.n ?? 0,
    update: (id, { title, tags, summary, file, size, pages, modified }, durability) => {
      const values = [title, tags, summary, file, size, pages, modified].map((value) => value ?? null);
      return connection.write(() => exists(id) && change.run(...values, id).changes > 0, durability);
    },
    delete: (id) => connection.write(() => exists(id) && remove.run(id).changes > 0),
  };
};

export const archiveStream = (connection: Connection): RecordStream<ArchiveRecord> => {
  const put = recordsOf(connection, archives).upsert();
  // A source that renames archives during the copy may give one file to two of them.
  const freeFile = connection.prepare("DELETE FROM archives WHERE file = ? AND id <> ?");
  return {
    ...tableStream(connection, archives),
    put: putEach(connection, (archive) => {
      freeFile.run(archive.file, archive.id);
      put(archive);
    }),
  };
};

/** The id of the row that stands for the library itself, so that an empty library differs from an unknown one. */
const LIBRARY = "";

export const createSeenArchiveStore = (connection: Connection): SeenArchiveStore => {
  const all = connection.all<{ id: string }>("SELECT id FROM known_archives WHERE library = ?");
  const add = connection.prepare("INSERT OR IGNORE INTO known_archives (library, id) VALUES (?, ?)");
  const remove = connection.prepare("DELETE FROM known_archives WHERE library = ? AND id = ?");

  return {
    of: async (library) => {
      const ids = new Set((await all(library)).map(({ id }) => id));
      return ids.delete(LIBRARY) ? ids : undefined;
    },
    change: (library, added, removed) =>
      connection.write(() => {
        for (const id of [LIBRARY, ...added]) add.run(library, id);
        for (const id of removed) remove.run(library, id);
      }),
  };
};
