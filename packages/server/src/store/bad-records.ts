import type { Static, TSchema } from "typebox";
import { lazySchema } from "../lazy-schema.ts";

/** A record in the store that cannot be used. It is left out of all answers, and stays as it is. */
export interface BadRecord {
  /** A key of Redis with its field, or a table of SQLite with the key of a row. Printable. */
  place: string;
  /** What is wrong, without the stored value. */
  reason: string;
  /** The command of Redis or SQLite that deletes it. Printable. */
  remove: string;
}

/** Where raw data comes from. */
export type RecordPlace = Pick<BadRecord, "place" | "remove">;

/** Whether a value is a record of one kind. */
export interface RecordCheck<R> {
  is(value: unknown): value is R;
  /** What is wrong with a value that is no record. */
  reason(value: unknown): string;
}

/** A check by a schema, which is compiled at its first use. */
export const recordCheck = <T extends TSchema>(schema: T): RecordCheck<Static<T>> => {
  const compiled = lazySchema(schema);
  return {
    is: (value): value is Static<T> => compiled().Check(value),
    reason: (value) => {
      const [error] = compiled().Errors(value);
      if (error === undefined) return "it is no record";
      const { instancePath, keyword, message } = error;
      // The pattern itself explains nothing.
      return `${printable(instancePath.slice(1)) || "it"} ${keyword === "pattern" ? "has a form that is not allowed" : printable(message)}`;
    },
  };
};

const MAX_PRINTED = 200;

/** Text of the store in one line of ASCII, without spaces and quotes that would end a word of a command. */
export const printable = (text: string): string =>
  text
    .slice(0, MAX_PRINTED)
    .replace(/[^ !#-&(-[\]-~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Thrown while raw data is decoded; its message becomes the reason. */
export class Undecodable extends Error {}

/** The bad records of a store, as they are found. */
export interface BadRecords {
  /**
   * Makes a record out of raw data.
   * @param place where the data comes from; called if it is no record
   * @returns undefined if it is no record, which is noted
   */
  read<R>(check: RecordCheck<R>, place: () => RecordPlace, decode: () => unknown): R | undefined;
  note(bad: BadRecord): void;
  /** The bad records that are found while work reads. */
  during(work: () => Promise<void>): Promise<BadRecord[]>;
}

/** Bad records that are remembered, so that each is told once. */
const MAX_TOLD = 1000;

/** @param onBad called once for each bad record */
export const createBadRecords = (onBad: (bad: BadRecord) => void = () => {}): BadRecords => {
  const told = new Set<string>();
  const listeners = new Set<(bad: BadRecord) => void>();
  const note = (bad: BadRecord): void => {
    for (const listen of listeners) listen(bad);
    const key = `${bad.place}\n${bad.reason}`;
    if (told.has(key) || told.size >= MAX_TOLD) return;
    told.add(key);
    onBad(bad);
  };
  const decoded = (decode: () => unknown): { value: unknown } | { reason: string } => {
    try {
      return { value: decode() };
    } catch (e) {
      if (e instanceof Undecodable) return { reason: e.message };
      if (e instanceof SyntaxError) return { reason: "it is no JSON" };
      throw e;
    }
  };
  return {
    note,
    read: (check, place, decode) => {
      const found = decoded(decode);
      if ("value" in found && check.is(found.value)) return found.value;
      note({ ...place(), reason: "reason" in found ? found.reason : check.reason(found.value) });
      return undefined;
    },
    during: async (work) => {
      const found = new Map<string, BadRecord>();
      const listen = (bad: BadRecord): void => void found.set(bad.place, bad);
      listeners.add(listen);
      try {
        await work();
      } finally {
        listeners.delete(listen);
      }
      return [...found.values()];
    },
  };
};
