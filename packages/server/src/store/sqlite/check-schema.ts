import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { storeError } from "../../disk/errors.ts";
import { migrations, versionOf } from "./migrations.ts";

/** What SQLite itself makes for indexes, counters and statistics. */
const OF_SQLITE = /^(?:table sqlite_(?:sequence|stat[14]) |index sqlite_autoindex_.* (?:null)?$)/;

/** Each table, index, view and trigger of a database with its text, without running any of it. */
const schemaOf = (db: DatabaseSyncInstance): Map<string, string> => {
  const rows = db.prepare("SELECT type, name, sql FROM sqlite_master").all() as {
    type: string;
    name: string;
    sql: string | null;
  }[];
  return new Map(
    rows
      .map(({ type, name, sql }) => [`${type} ${name}`, sql ?? ""] as const)
      .filter(([name, sql]) => !OF_SQLITE.test(`${name} ${sql}`)),
  );
};

const expectedSchema = (version: number): Map<string, string> => {
  const db = new DatabaseSync(":memory:");
  try {
    for (const step of migrations.slice(0, version)) db.exec(step);
    return schemaOf(db);
  } finally {
    db.close();
  }
};

/**
 * What of a database's schema no Hitagi of its version made, such as a trigger, or a view in the place of a table: SQL that would run in
 * this server, without end or against its records. Nothing of the schema is run. A newer version is not judged.
 * @returns the first one, such as `trigger evil`; undefined if there is none
 * @throws HitagiError STORE_FAILED where it is no database
 */
export const foreignSchema = (file: string): string | undefined => {
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      const version = versionOf(db);
      if (version > migrations.length) return undefined;
      const expected = expectedSchema(version);
      return [...schemaOf(db)].find(([name, sql]) => expected.get(name) !== sql)?.[0];
    } finally {
      db.close();
    }
  } catch (e) {
    throw storeError(e);
  }
};
