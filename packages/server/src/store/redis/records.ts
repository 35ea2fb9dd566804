import { printable, type RecordPlace, Undecodable } from "../bad-records.ts";
import type { Connection } from "./connection.ts";
import { isWrongType } from "./redis-error.ts";

/** A record that has a key for itself, or several. */
export const atKeys = (...keys: string[]): RecordPlace => {
  const named = keys.map(printable);
  return { place: named.join(" and "), remove: `DEL ${named.join(" ")}` };
};

/** A record in a field of a hash. */
export const atField = (key: string, field: string): RecordPlace => {
  const named = `${printable(key)} ${printable(field)}`;
  return { place: named, remove: `HDEL ${named}` };
};

/** The types that keys must have. */
export type KeyTypes = Readonly<Record<string, "hash" | "list" | "set" | "stream" | "string" | "zset">>;

/** Notes a key that holds another type than it must; answers whether it does. */
export const noteWrongType = async (
  { bad, command }: Connection,
  key: string,
  expected: string,
): Promise<boolean> => {
  const type = await command<string>("TYPE", key);
  if (type === expected || type === "none") return false;
  bad.note({ ...atKeys(key), reason: `it is a ${printable(type)}, not a ${expected}` });
  return true;
};

/**
 * Reads keys that hold one type each. If one holds another type, it is noted and nothing counts as stored there.
 * @param empty the answer then
 */
export const unlessWrongType = async <T>(
  connection: Connection,
  keys: KeyTypes,
  empty: T,
  read: () => Promise<T>,
): Promise<T> => {
  try {
    return await read();
  } catch (e) {
    if (!isWrongType(e)) throw e;
  }
  let isWrong = false;
  for (const [key, expected] of Object.entries(keys)) {
    if (await noteWrongType(connection, key, expected)) isWrong = true;
  }
  // A key that holds no record was put aside after the failure.
  return isWrong ? empty : read();
};

/** A record that names the field or key that it is stored in. @throws Undecodable if it names another one */
export const withId = (id: unknown, record: unknown, name = "id"): unknown => {
  const named = (record as Record<string, unknown> | null)?.[name];
  if (named !== id) throw new Undecodable(`${name} is not that of its place`);
  return record;
};
