import type { RecordStream } from "../../contract/record-streams.ts";
import type { Connection } from "../connection.ts";

/** Rows that are read at once. */
export const PAGE = 500;

type Row = Record<string, string | number | Uint8Array | null | undefined>;

/** A table, and how a record is written to it. Columns are separated by commas. */
export interface Table<R> {
  name: string;
  columns: string;
  /** The columns that identify a row. */
  key: string;
  /** By default the record's fields are the columns. */
  toRow?: (record: R) => Row;
}

/** How the records of a table are read. */
export interface Reading<R> {
  /** The columns that order the rows, each with a value before the first row. */
  order: Readonly<Record<string, string | number>>;
  /** By default the record has the columns as its fields. */
  toRecord?: (row: never) => R;
  pageSize?: number;
}

const namesOf = (columns: string): string[] => columns.split(", ");

/** Writes a record. A row that exists is changed, and keeps its place. */
export const upsert = <R>(
  { prepare }: Connection,
  { name, columns, key, toRow = (record) => record as Row }: Table<R>,
): ((record: R) => void) => {
  const all = namesOf(columns);
  const changes = all.filter((one) => !namesOf(key).includes(one)).map((one) => `${one} = excluded.${one}`);
  const statement = prepare(`INSERT INTO ${name} (${columns}) VALUES (${all.map(() => "?").join()})
    ON CONFLICT (${key}) DO ${changes.length === 0 ? "NOTHING" : `UPDATE SET ${changes.join()}`}`);
  return (record) => {
    const row = toRow(record);
    statement.run(...all.map((column) => row[column] ?? null));
  };
};

/** Puts records one by one, all of them or none. */
export const putEach =
  <R>(connection: Connection, put: (record: R) => void): RecordStream<R>["put"] =>
  (records) =>
    connection.write(() => records.forEach(put), "relaxed");

/** Pages in the order of columns. Each page is found by the last row of the one before, so that all cost the same. */
export const tableStream = <R>(
  connection: Connection,
  table: Table<R>,
  { order, toRecord, pageSize = PAGE }: Reading<R>,
): RecordStream<R> => {
  const by = Object.keys(order);
  const page =
    connection.prepare(`SELECT * FROM ${table.name} WHERE (${by.join()}) > (${by.map(() => "?").join()})
    ORDER BY ${by.join()} LIMIT ${pageSize}`);
  const read =
    (toRecord as ((row: Row) => R) | undefined) ??
    ((row: Row) => Object.fromEntries(namesOf(table.columns).map((column) => [column, row[column]])) as R);
  return {
    async *pages(after) {
      let place = after === undefined ? Object.values(order) : (JSON.parse(after) as (string | number)[]);
      for (;;) {
        const rows = await connection.read(() => page.all(...place) as Row[]);
        const last = rows.at(-1);
        if (last === undefined) return;
        place = by.map((column) => last[column] as string | number);
        yield { records: rows.map(read), position: JSON.stringify(place) };
      }
    },
    put: putEach(connection, upsert(connection, table)),
  };
};
