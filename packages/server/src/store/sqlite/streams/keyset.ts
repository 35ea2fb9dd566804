import type { RecordStream } from "../../contract/record-streams.ts";
import type { Connection } from "../connection.ts";

/** Rows that are read at once. */
export const PAGE = 500;

type Key = (string | number)[];

/** How the rows of a table are read on from where the reading before ended. */
interface Keyset<Row, R> {
  /** Takes the values of a key, none of which it answers, and answers {@link PAGE} rows in their order. */
  sql: string;
  /** Comes before the key of every row. */
  first: Key;
  keyOf: (row: Row) => Key;
  toRecord: (row: Row) => R;
}

/** Pages of a table in the order of a key, each found by the one before: the last page costs what the first does. */
export const keyset = <Row, R>(
  connection: Connection,
  { sql, first, keyOf, toRecord }: Keyset<Row, R>,
): RecordStream<R>["pages"] => {
  const statement = connection.prepare(sql);
  return async function* (after) {
    let key = after === undefined ? first : (JSON.parse(after) as Key);
    for (;;) {
      const rows = await connection.read(() => statement.all(...key) as Row[]);
      const last = rows.at(-1);
      if (last === undefined) return;
      key = keyOf(last);
      yield { records: rows.map(toRecord), position: JSON.stringify(key) };
    }
  };
};

/** Puts records one by one, all of them or none. */
export const putEach =
  <R>(connection: Connection, put: (record: R) => void): RecordStream<R>["put"] =>
  (records) =>
    connection.write(() => records.forEach((record) => void put(record)), "relaxed");
