import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import type { ArchiveRecord } from "../../types.ts";
import type { Connection } from "../connection.ts";
import { keyset, PAGE, putEach } from "./keyset.ts";

type Known = StreamRecords["known"];
type Cached = StreamRecords["cache"];

export const archiveStream = (connection: Connection): RecordStream<ArchiveRecord> => {
  // Where archives are renamed while they are read, a file may be told of two.
  const free = connection.prepare("DELETE FROM archives WHERE file = ? AND id <> ?");
  const insert = connection.prepare(`INSERT INTO archives (id, file, title, tags, summary, size, pages, added)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET file = excluded.file, title = excluded.title, tags = excluded.tags,
      summary = excluded.summary, size = excluded.size, pages = excluded.pages, added = excluded.added`);
  return {
    pages: keyset<ArchiveRecord & { seq: number }, ArchiveRecord>(connection, {
      sql: `SELECT * FROM archives WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
      first: [0],
      keyOf: ({ seq }) => [seq],
      toRecord: ({ seq, ...archive }) => archive,
    }),
    put: putEach(connection, ({ id, file, title, tags, summary, size, pages, added }) => {
      free.run(file, id);
      insert.run(id, file, title, tags, summary, size, pages, added);
    }),
  };
};

export const knownStream = (connection: Connection): RecordStream<Known> => {
  const insert = connection.prepare("INSERT OR IGNORE INTO known_archives (library, id) VALUES (?, ?)");
  return {
    pages: keyset<Known, Known>(connection, {
      sql: `SELECT library, id FROM known_archives WHERE (library, id) > (?, ?) ORDER BY library, id LIMIT ${PAGE}`,
      // No id is before the empty one, which stands for the library.
      first: ["", ""],
      keyOf: ({ library, id }) => [library, id],
      toRecord: (row) => row,
    }),
    put: putEach(connection, ({ library, id }) => insert.run(library, id)),
  };
};

export const cacheStream = (connection: Connection): RecordStream<Cached> => {
  const insert =
    connection.prepare(`INSERT INTO plugin_cache (namespace, key, value, expires) VALUES (?, ?, ?, ?)
    ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value, expires = excluded.expires`);
  return {
    pages: keyset<Cached & { seq: number }, Cached>(connection, {
      sql: `SELECT * FROM plugin_cache WHERE (namespace, seq) > (?, ?) ORDER BY namespace, seq LIMIT ${PAGE}`,
      first: ["", 0],
      keyOf: ({ namespace, seq }) => [namespace, seq],
      toRecord: ({ seq, ...entry }) => entry,
    }),
    put: putEach(connection, ({ namespace, key, value, expires }) =>
      insert.run(namespace, key, value, expires),
    ),
  };
};
