import { IndexPlugin, type Namespace, type Registry } from "@hitagi/contract";
import { Type } from "typebox";
import { eachPart } from "../async/each-part.ts";
import {
  type BadRecords,
  createBadRecords,
  printable,
  type RecordPlace,
  recordCheck,
} from "./bad-records.ts";
import { CatalogRow, IndexMeta } from "./contract/catalog.ts";

const entries = recordCheck(IndexPlugin);
const lines = recordCheck(Type.Array(Type.Unknown()));
const rows = recordCheck(CatalogRow);

/** The place of a cached index. The next refresh of its registry writes the index anew. */
const cached = (place: string): RecordPlace => ({
  place: printable(place),
  remove: "refresh the registry with hitagi registry refresh",
});

const { refreshed, plugins, skipped, skippedCount } = IndexMeta.properties;
const facts = recordCheck(Type.Object({ refreshed, plugins, skipped, skippedCount }));
const unnoted = createBadRecords();

/** What a registry's record says of its index; no fields if they cannot be used. The reading of the index notes that. */
export const indexFacts = (decode: () => unknown): Partial<Registry> =>
  unnoted.read(facts, () => cached(""), decode) ?? {};

/** A cached entry of a registry.json, read from its text. */
export const readEntry = (
  bad: BadRecords,
  registry: string,
  namespace: Namespace,
  text: string,
): IndexPlugin | undefined =>
  bad.read(
    entries,
    () => cached(`the cached index of ${registry}, plugin ${namespace}`),
    () => JSON.parse(text) as unknown,
  );

/** The offset and the length of an entry in its document, in bytes. */
export type EntryPlace = Pick<CatalogRow, "start" | "length">;

/** Rows that are worked on before other work gets its turn. */
const PART_ROWS = 10_000;

/** The place of each plugin's entry. */
export const offsetsOf = async (rows: readonly CatalogRow[]): Promise<Map<string, EntryPlace>> => {
  const offsets = new Map<string, EntryPlace>();
  await eachPart(rows.length, PART_ROWS, (from, to) => {
    for (const { summary, start, length } of rows.slice(from, to))
      offsets.set(summary.namespace, { start, length });
  });
  return offsets;
};

/** @param decode makes a row out of raw data, before it is checked */
export const readRow = (bad: BadRecords, place: string, decode: () => unknown): CatalogRow | undefined =>
  bad.read(rows, () => cached(`the rows in ${place}`), decode);

/** The rows in a line of JSON, without those that are none. */
export const readRows = (bad: BadRecords, place: string, line: string): CatalogRow[] => {
  const found = bad.read(
    lines,
    () => cached(`the rows in ${place}`),
    () => JSON.parse(line) as unknown,
  );
  return (found ?? []).flatMap((row) => readRow(bad, place, () => row) ?? []);
};
