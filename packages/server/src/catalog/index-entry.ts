import type { IndexPlugin } from "@hitagi/contract";
import type { EntryOffsets } from "./index-offsets.ts";
import { checkPlugin, keysOfEntry, type Report } from "./index-rules.ts";
import { countKeys, parsePart, reportDuplicates } from "./index-text.ts";
import type { parseVersion } from "./version-choice.ts";

/** A plugin's key with the position of its entry; a value that is no object or array has no position. */
export type KeyedOffsets = [key: string, offsets: EntryOffsets | undefined];

/** A plugin's entry, parsed and not yet checked. */
export interface RawEntry {
  key: string;
  text: string;
  value: unknown;
  /** The number of keys in the text, duplicates included; undefined where there are none. */
  keys: number | undefined;
}

/** @throws HitagiError INDEX_INVALID where the entry is not JSON */
export const readEntry = (index: string, [key, offsets]: KeyedOffsets): RawEntry => {
  const text = offsets ? index.slice(offsets.start, offsets.end) : "null";
  return { key, text, value: parsePart(text, index), keys: offsets?.colons };
};

/**
 * Checks an entry by every rule, and reports with pointers that begin at it.
 * @returns the plugin where its values are valid
 */
export const checkEntry = (
  { key, text, value, keys }: RawEntry,
  read: typeof parseVersion,
  report: Report,
): IndexPlugin | undefined => {
  const plugin = checkPlugin(key, value, read, report) ? value : undefined;
  const expected = plugin ? keysOfEntry(Object.keys(plugin.versions).length) : countKeys(value);
  if (keys !== undefined && keys !== expected) reportDuplicates(text, report);
  return plugin;
};

/** Decides what the check does with issues and with the entries that have them. */
export interface IssuePolicy {
  /** Receives the issues around the plugins, and of duplicate plugins. */
  document: Report;
  /** Whether a plugin is checked at all; called after `document`. */
  includes(key: string): boolean;
  /**
   * Checks one entry.
   * @returns the plugin to keep, and its JSON text where that differs from the index; undefined to keep nothing
   * @throws HitagiError INDEX_INVALID where it is not JSON, or where the policy says so
   */
  entry(entry: RawEntry, read: typeof parseVersion): { plugin: IndexPlugin; text?: string } | undefined;
}
