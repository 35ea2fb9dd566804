import { allArchives } from "../archive-pages.ts";
import { recordCheck } from "../bad-records.ts";
import { ArchiveRecord } from "../contract/archives.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import type { ArchiveChanges, ArchiveStore, PlacedArchive, SeenArchiveStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { putEach, type Row, recordOf, recordsOf, type Table, tableStream } from "./table.ts";

const archives: Table<ArchiveRecord> = {
  name: "archives",
  columns: "id, file, title, tags, summary, size, pages, added, modified",
  key: "id",
  order: { seq: 0 },
  check: recordCheck(ArchiveRecord),
  fromRow: ({ modified, ...archive }) => ({ ...archive, ...(modified !== null && { modified }) }),
};

/** Ids of changed archives that are remembered. Who missed more reads all. */
const REMEMBERED = 2000;

/**
 * The changes of archives, in memory: this process makes them all, or another program does, which SQLite tells by a number that every
 * commit of another connection changes.
 */
const createChanges = (connection: Connection) => {
  const version = connection.one<{ data_version: number }>("PRAGMA data_version");
  let [seen, run, first]: [number | undefined, number, number] = [undefined, 0, 0];
  let ids: string[] = [];
  return {
    /** Called in the transaction of the change, so that no reader comes between both. */
    note(id: string): void {
      ids.push(id);
      if (ids.length < 2 * REMEMBERED) return;
      ids = ids.slice(REMEMBERED);
      first += REMEMBERED;
    },
    async since(position: string | undefined): Promise<ArchiveChanges> {
      const now = (await version())?.data_version;
      if (now !== seen) [seen, run] = [now, run + 1];
      const end = first + ids.length;
      const [ofRun, from] = position?.split("-").map(Number) ?? [run, end];
      const isKnown = ofRun === run && from !== undefined && from >= first;
      return { position: `${run}-${end}`, ids: isKnown ? ids.slice(from - first) : undefined };
    },
  };
};

/** Archives that are read at once. */
const PAGE = 250;

const createPlaces = (connection: Connection) => {
  const { columns, name } = archives;
  const placed = (rows: Row[]): PlacedArchive[] =>
    rows.flatMap(({ seq, ...row }) => {
      const archive = recordOf(connection, archives, row);
      return archive === undefined ? [] : { place: seq as number, archive };
    });
  const after = connection.all<Row>(
    `SELECT seq, ${columns} FROM ${name} WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
  );
  const some = connection.all<Row>(
    `SELECT seq, ${columns} FROM ${name} WHERE id IN (SELECT value FROM json_each(?))`,
  );
  return {
    page: async (last = Number.NEGATIVE_INFINITY) => {
      const rows = await after(last);
      return { archives: placed(rows), next: rows.at(-1)?.seq as number | undefined };
    },
    some: async (ids: readonly string[]) => placed(await some(JSON.stringify(ids))),
  };
};

export const createArchiveStore = (connection: Connection): ArchiveStore => {
  const { insert, select, one } = recordsOf(connection, archives);
  const { page, some } = createPlaces(connection);
  const changes = createChanges(connection);
  const add = insert("INSERT OR IGNORE");
  const count = connection.one<{ n: number }>("SELECT count(*) AS n FROM archives");
  const change = connection.prepare(`UPDATE OR IGNORE archives SET title = coalesce(?, title),
    tags = coalesce(?, tags), summary = coalesce(?, summary), file = coalesce(?, file), size = coalesce(?, size),
    pages = coalesce(?, pages), modified = coalesce(?, modified) WHERE id = ?`);
  const remove = connection.prepare("DELETE FROM archives WHERE id = ?");
  const find = select("WHERE id = ?");
  /** A bad record is not changed. */
  const exists = (id: string): boolean => find(id).length > 0;

  /** Whether a change changed anything, which is noted. */
  const noted = (id: string, changed: number | bigint): boolean => {
    if (changed > 0) changes.note(id);
    return changed > 0;
  };

  return {
    add: (archive) => connection.write(() => noted(archive.id, add(archive))),
    get: one("WHERE id = ?"),
    some,
    list: () => allArchives({ page }),
    page,
    changes: changes.since,
    count: async () => (await count())?.n ?? 0,
    update: (id, { title, tags, summary, file, size, pages, modified }, durability) => {
      const values = [title, tags, summary, file, size, pages, modified].map((value) => value ?? null);
      return connection.write(() => exists(id) && noted(id, change.run(...values, id).changes), durability);
    },
    delete: (id) => connection.write(() => exists(id) && noted(id, remove.run(id).changes)),
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
