import {
  HitagiError,
  type IndexPlugin,
  isHitagiError,
  MAX_SKIPPED_LISTED,
  type SkippedEntry,
} from "@hitagi/contract";
import { checkRawEntry, type RawEntry, readEntry } from "./index-entry.ts";
import { type IndexFault, inside, pointerStep, type Report } from "./index-faults.ts";
import type { EntryCheck, FaultHandling } from "./index-handling.ts";
import type { parseVersion } from "./version-choice.ts";

/** Characters of a path or reason that are kept; a key may be of megabytes. */
const MAX_WORDS = 300;
/** An index with more bad entries than this is refused: going on would take minutes, for little that is left. */
const MAX_SKIPPED = 10_000;
/** An entry with more characters is kept or skipped as a whole. */
const MAX_PICKED = 1024 * 1024;

/** What was left out of an index. */
export interface Skipped {
  /** The first MAX_SKIPPED_LISTED of them, each with its first fault. */
  list: SkippedEntry[];
  count: number;
}

const clip = (text: string): string => (text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text);

const invalid = ({ path, reason }: IndexFault) => new HitagiError("INDEX_INVALID", { path, reason });

/** @throws HitagiError INDEX_INVALID where far too much is skipped */
const noteIn = (skipped: Skipped): Report => {
  return (path, reason) => {
    skipped.count += 1;
    if (skipped.count > MAX_SKIPPED) {
      throw invalid({ path: "/plugins", reason: `has more than ${MAX_SKIPPED} bad entries` });
    }
    if (skipped.list.length < MAX_SKIPPED_LISTED)
      skipped.list.push({ path: clip(path), reason: clip(reason) });
  };
};

/** The version that a fault of an entry is about, as a step of its pointer; undefined where it is about the plugin. */
const versionStep = (path: string): string | undefined => /^\/versions(\/[^/]*)/.exec(path)?.[1];

/**
 * The first fault of each bad version.
 * @throws HitagiError INDEX_INVALID with the first fault that spoils the plugin itself
 */
const badVersions = (entry: RawEntry, read: typeof parseVersion): Map<string, IndexFault> => {
  const bad = new Map<string, IndexFault>();
  checkRawEntry(entry, read, (path, reason) => {
    const step = versionStep(path);
    if (step === undefined || entry.slice.length > MAX_PICKED) throw invalid({ path, reason });
    if (!bad.has(step)) bad.set(step, { path, reason });
  });
  return bad;
};

/** The plugin without some versions, or undefined where none is left. */
const without = (plugin: IndexPlugin, bad: ReadonlyMap<string, unknown>): IndexPlugin | undefined => {
  const good = Object.entries(plugin.versions).filter(([version]) => !bad.has(pointerStep(version)));
  return good.length > 0 ? { ...plugin, versions: Object.fromEntries(good) } : undefined;
};

/** Keeps what is right of an entry; what is not goes to `skip`, with pointers that begin at the entry. */
const salvage = (entry: RawEntry, read: typeof parseVersion, skip: Report): ReturnType<EntryCheck> => {
  let bad: Map<string, IndexFault>;
  try {
    bad = badVersions(entry, read);
  } catch (error) {
    if (!isHitagiError(error, "INDEX_INVALID")) throw error;
    skip(String(error.params.path), String(error.params.reason));
    return undefined;
  }
  // No fault was about the plugin, and those about versions are of the ones left out.
  const value = entry.value as IndexPlugin;
  if (bad.size === 0) return { plugin: value };
  const plugin = without(value, bad);
  const [first] = bad.values();
  if (plugin) for (const { path, reason } of bad.values()) skip(path, reason);
  else if (first) skip(first.path, `${first.reason}; no version of the plugin is left`);
  return plugin && { plugin, text: JSON.stringify(plugin) };
};

const PLUGIN_PATH = /^\/plugins(\/[^/]*)$/;

/**
 * Skips bad plugins and bad versions, and lists them. Of a plugin that stands twice neither is taken, because nobody
 * knows which is meant. Faults of the document itself are refused.
 */
export const lenientHandling = (): FaultHandling & { skipped: Skipped } => {
  const skipped: Skipped = { list: [], count: 0 };
  const note = noteIn(skipped);
  const twice = new Set<string>();
  return {
    skipped,
    document: (path, reason) => {
      const step = PLUGIN_PATH.exec(path)?.[1];
      if (step === undefined) throw invalid({ path: path || "/", reason });
      if (!twice.has(step)) note(path, reason);
      twice.add(step);
    },
    takes: (key) => twice.size === 0 || !twice.has(pointerStep(key)),
    entry: (text, keyed, read) =>
      salvage(readEntry(text, keyed), read, inside(keyed[0], inside("plugins", note))),
  };
};
