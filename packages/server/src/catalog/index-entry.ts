import type { IndexPlugin } from "@hitagi/contract";
import type { EntryOffsets } from "./entry-offsets.ts";
import { countKeys, reportDuplicates } from "./index-duplicates.ts";
import type { Report } from "./index-faults.ts";
import { checkEntry, keysOfEntry } from "./index-rules.ts";
import { parsePart } from "./index-text.ts";
import type { parseVersion } from "./version-choice.ts";

/** A plugin's key with its entry's place in the text; a value that is no object or array has none. */
export type KeyedOffsets = [key: string, cut: EntryOffsets | undefined];

/** A plugin's entry out of an index, parsed and not yet checked. */
export interface RawEntry {
  key: string;
  slice: string;
  value: unknown;
  /** Keys that stand in the slice, duplicates included; undefined where there can be none. */
  keys: number | undefined;
}

/** @throws HitagiError INDEX_INVALID where the entry is not JSON */
export const readEntry = (text: string, [key, cut]: KeyedOffsets): RawEntry => {
  const slice = cut ? text.slice(cut.start, cut.end) : "null";
  return { key, slice, value: parsePart(slice, text), keys: cut?.colons };
};

/**
 * Holds an entry against every rule, with pointers that begin at it.
 * @returns the entry where its values are without a fault
 */
export const checkRawEntry = (
  { key, slice, value, keys }: RawEntry,
  read: typeof parseVersion,
  report: Report,
): IndexPlugin | undefined => {
  const plugin = checkEntry(key, value, read, report) ? value : undefined;
  const expected = plugin ? keysOfEntry(Object.keys(plugin.versions).length) : countKeys(value);
  if (keys !== undefined && keys !== expected) reportDuplicates(slice, report);
  return plugin;
};
