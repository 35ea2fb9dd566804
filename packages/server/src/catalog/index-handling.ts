import type { IndexPlugin } from "@hitagi/contract";
import { checkRawEntry, type KeyedOffsets, readEntry } from "./index-entry.ts";
import { inside, type Report } from "./index-faults.ts";
import type { parseVersion } from "./version-choice.ts";

/**
 * Checks one plugin out of the text of an index, and answers what of it is kept.
 * @returns the plugin, and its JSON text where that is not the index's own; undefined where nothing is kept
 * @throws HitagiError INDEX_INVALID where it is not JSON
 */
export type EntryCheck = (
  text: string,
  keyed: KeyedOffsets,
  read: typeof parseVersion,
) => { plugin: IndexPlugin; text?: string } | undefined;

/** What becomes of the faults that the check of an index finds. */
export interface FaultHandling {
  /** Takes the faults around the plugins, and of keys of plugins that stand twice. */
  document: Report;
  /** Whether a plugin is looked at; asked after the document was. */
  takes(key: string): boolean;
  entry: EntryCheck;
}

/** Hands every fault to one report. */
export const reportingTo = (report: Report): FaultHandling => {
  const inPlugins = inside("plugins", report);
  return {
    document: report,
    takes: () => true,
    entry: (text, keyed, read) => {
      const plugin = checkRawEntry(readEntry(text, keyed), read, inside(keyed[0], inPlugins));
      return plugin && { plugin };
    },
  };
};
