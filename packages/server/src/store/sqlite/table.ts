import { printable, type RecordCheck, Undecodable } from "../bad-records.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import type { Connection } from "./connection.ts";

/** Rows that are read at once. */
export const PAGE = 500;

type Value = string | number | null;
/** A row by its columns, in which JSON is parsed; undefined is stored as NULL. */
export type Row = Record<string, unknown>;

/** A table whose rows are records of one kind. Columns are separated by commas. */
export interface Table<R> {
  name: string;
  columns: string;
  /** The columns that identify a row. */
  key: string;
  /** The columns that order the rows, each with a value before the first row. */
  order: Readonly<Record<string, string | number>>;
  /** The columns that hold JSON. */
  json?: readonly string[];
  check: RecordCheck<R>;
  /** By default the record's fields are the columns. */
  toRow?: (record: R) => Row;
  /** By default the record has the columns as its fields. */
  fromRow?: (row: Row) => unknown;
  /** Rows that a copy reads at once. */
  pageSize?: number;
}

const namesOf = (columns: string): string[] => columns.split(", ");

/** The values of a record's columns, in the order of the table. */
export const rowOf = <R>({ columns, json = [], toRow }: Table<R>, record: R): Value[] => {
  const row = toRow ? toRow(record) : (record as Row);
  return namesOf(columns).map((column) => {
    const value = row[column] ?? null;
    return json.includes(column) ? JSON.stringify(value) : (value as Value);
  });
};

const placeOf = ({ name, key }: Pick<Table<unknown>, "name" | "key">, row: Row) => {
  const is = namesOf(key).map((column) => {
    const value = row[column];
    return `${column} = ${typeof value === "string" ? `'${printable(value)}'` : printable(String(value))}`;
  });
  return { place: `${name}, ${is.join(", ")}`, remove: `DELETE FROM ${name} WHERE ${is.join(" AND ")}` };
};

const parsed = (row: Row, column: string): unknown => {
  try {
    return JSON.parse(row[column] as string);
  } catch {
    throw new Undecodable(`${column} is no JSON`);
  }
};

/** The record of a row; undefined if it is none, which is noted. */
export const recordOf = <R>({ bad }: Connection, table: Table<R>, row: Row): R | undefined =>
  bad.read(
    table.check,
    () => placeOf(table, row),
    () => {
      const { json = [], fromRow } = table;
      const values = json.length === 0 ? row : { ...row };
      for (const column of json) values[column] = parsed(row, column);
      return fromRow ? fromRow(values) : values;
    },
  );

/** The records of rows, without those that are none. */
export const recordsIn = <R>(connection: Connection, table: Table<R>, rows: Row[]): R[] =>
  rows.flatMap((row) => recordOf(connection, table, row) ?? []);

/** Reads and writes the records of a table. `rest` is what follows FROM and the table's name. */
export const recordsOf = <R>(connection: Connection, table: Table<R>) => {
  const { name, columns, key } = table;
  const all = namesOf(columns);
  /** A query for use in {@link Connection.read} and {@link Connection.write}. */
  const select = (rest: string): ((...values: Value[]) => R[]) => {
    const query = connection.prepare(`SELECT ${columns} FROM ${name} ${rest}`);
    return (...values) => recordsIn(connection, table, query.all(...values) as Row[]);
  };
  const insert = (how: string, rest = ""): ((record: R) => number) => {
    const places = all.map(() => "?").join();
    const statement = connection.prepare(`${how} INTO ${name} (${columns}) VALUES (${places}) ${rest}`);
    return (record) => Number(statement.run(...rowOf(table, record)).changes);
  };
  return {
    select,
    all: (rest: string) => {
      const find = select(rest);
      return (...values: Value[]): Promise<R[]> => connection.read(() => find(...values));
    },
    /** A query of at most one record. */
    one: (rest: string) => {
      const find = select(rest);
      return (...values: Value[]): Promise<R | undefined> => connection.read(() => find(...values)[0]);
    },
    insert,
    /** Writes a record. A row that exists is changed, and keeps its place. */
    upsert: (): ((record: R) => number) => {
      const changes = all
        .filter((one) => !namesOf(key).includes(one))
        .map((one) => `${one} = excluded.${one}`);
      const change = changes.length === 0 ? "NOTHING" : `UPDATE SET ${changes.join()}`;
      return insert("INSERT", `ON CONFLICT (${key}) DO ${change}`);
    },
  };
};

/** Puts records one by one, all of them or none. */
export const putEach =
  <R>(connection: Connection, put: (record: R) => unknown): RecordStream<R>["put"] =>
  (records) =>
    connection.write(() => records.forEach((record) => void put(record)), "relaxed");

/** Pages in the order of columns. Each page is found by the last row of the one before, so that all cost the same. */
export const tableStream = <R>(connection: Connection, table: Table<R>): RecordStream<R> => {
  const { name, columns, order, pageSize = PAGE } = table;
  const by = Object.keys(order);
  const beside = by.filter((column) => !namesOf(columns).includes(column));
  const page = connection.prepare(`SELECT ${[columns, ...beside].join()} FROM ${name}
    WHERE (${by.join()}) > (${by.map(() => "?").join()}) ORDER BY ${by.join()} LIMIT ${pageSize}`);
  return {
    async *pages(after) {
      let place = after === undefined ? Object.values(order) : (JSON.parse(after) as (string | number)[]);
      for (;;) {
        const rows = await connection.read(() => page.all(...place) as Row[]);
        const last = rows.at(-1);
        if (last === undefined) return;
        place = by.map((column) => last[column] as string | number);
        for (const row of rows) for (const column of beside) delete row[column];
        yield { records: recordsIn(connection, table, rows), position: JSON.stringify(place) };
      }
    },
    put: putEach(connection, recordsOf(connection, table).upsert()),
  };
};
