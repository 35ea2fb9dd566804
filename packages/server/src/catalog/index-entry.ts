import { cleanText, type IndexPlugin, MAX_SKIPPED_LISTED, type SkippedEntry } from "@hitagi/contract";
import type { IndexMeta } from "../store/types.ts";
import { correctEntry, isNumbered } from "./index-correction.ts";
import {
  checkPlugin,
  type IndexIssue,
  type IsVersion,
  indexInvalid,
  inside,
  keysOfEntry,
  pointerStep,
  type Report,
} from "./index-rules.ts";
import { countKeys, type EntryOffsets, parsePart, reportDuplicates } from "./index-text.ts";

/** A plugin's key with the position of its entry; a value that is no object or array has no position. */
export type KeyedOffsets = [key: string, offsets: EntryOffsets | undefined];

/** A plugin's entry, parsed and not yet checked. */
interface RawEntry {
  key: string;
  text: string;
  value: unknown;
  /** The number of keys in the text, duplicates included; undefined where there are none. */
  keys: number | undefined;
}

/** Characters of the largest entry: 2,000 versions of half a thousand. */
const MAX_ENTRY = 1024 * 1024;

/** @throws HitagiError INDEX_INVALID where the entry is not JSON; one that is too large is not parsed */
export const readEntry = (index: string, [key, offsets]: KeyedOffsets): RawEntry => {
  const text = offsets ? index.slice(offsets.start, offsets.end) : "null";
  const value = text.length > MAX_ENTRY ? undefined : parsePart(text, index);
  return { key, text, value, keys: offsets?.colons };
};

/**
 * Checks an entry by every rule, and reports with pointers that begin at it.
 * @returns the plugin where its values are valid
 */
export const checkEntry = (
  { key, text, value, keys }: RawEntry,
  isVersion: IsVersion,
  report: Report,
): IndexPlugin | undefined => {
  if (text.length > MAX_ENTRY) {
    report("", `has more than ${MAX_ENTRY} characters`);
    return undefined;
  }
  const plugin = checkPlugin(key, value, isVersion, report) ? value : undefined;
  const expected = plugin ? keysOfEntry(Object.keys(plugin.versions).length) : countKeys(value);
  if (keys !== undefined && keys !== expected) reportDuplicates(text, report);
  return plugin;
};

/** Decides what the check does with issues and with the entries that have them. */
export interface IssuePolicy {
  /** Receives the issues around the plugins, and of duplicate plugins. */
  document: Report;
  /** Receives the keys of all plugins, before the first entry. */
  begin?(keys: readonly string[]): void;
  /** Whether a plugin is checked at all; called after `document`. */
  includes(key: string): boolean;
  /**
   * Checks one entry.
   * @returns the plugin to keep, and its JSON text where that differs from the index; undefined to keep nothing
   * @throws HitagiError INDEX_INVALID where it is not JSON, or where the policy says so
   */
  entry(entry: RawEntry, isVersion: IsVersion): { plugin: IndexPlugin; text?: string } | undefined;
}

/** Characters that are kept of a path or reason: a key may be megabytes long. */
const MAX_WORDS = 300;
/** The most bad entries of an index. More would take minutes to check, for little that is left. */
const MAX_SKIPPED = 10_000;

export interface Skipped {
  /** The first MAX_SKIPPED_LISTED of them, each with its first issue. */
  list: SkippedEntry[];
  count: number;
}

/** The skipped entries as a registry's record keeps them; nothing where none was skipped. */
export const skippedFields = ({ list, count }: Skipped): Pick<IndexMeta, "skipped" | "skippedCount"> =>
  count > 0 ? { skipped: list, skippedCount: count } : {};

const clip = (text: string): string =>
  cleanText(text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text);

/** A report that adds to the skipped entries. It throws HitagiError INDEX_INVALID after MAX_SKIPPED of them. */
const listInto =
  (skipped: Skipped, more: Pick<SkippedEntry, "offered"> = {}): Report =>
  (path, reason) => {
    skipped.count += 1;
    if (skipped.count > MAX_SKIPPED)
      throw indexInvalid("/plugins", `has more than ${MAX_SKIPPED} bad entries`);
    if (skipped.list.length < MAX_SKIPPED_LISTED)
      skipped.list.push({ path: clip(path), reason: clip(reason), ...more });
  };

/** The pointer step of the version that an issue is about; "" where it is about the plugin. */
const versionStep = (path: string): string => /^\/versions(\/[^/]*)/.exec(path)?.[1] ?? "";

/** The plugin without its bad versions; undefined where no version is left. */
const withoutVersions = (plugin: IndexPlugin, bad: ReadonlyMap<string, unknown>): IndexPlugin | undefined => {
  const good = Object.entries(plugin.versions).filter(([version]) => !bad.has(pointerStep(version)));
  return good.length > 0 ? { ...plugin, versions: Object.fromEntries(good) } : undefined;
};

/** Keeps the valid part of an entry and reports each skipped part, with pointers that begin at the entry. */
const salvage = (
  raw: RawEntry,
  isVersion: IsVersion,
  skip: Report,
  note: Report,
): ReturnType<IssuePolicy["entry"]> => {
  const { entry, faults } = correctEntry(raw, isVersion);
  /** The first issue of each version, and of the plugin itself under "". */
  const bad = new Map<string, IndexIssue>();
  checkEntry(
    entry,
    (text) => isVersion(text) || isNumbered(text),
    (path, reason) => {
      const step = versionStep(path);
      if (!bad.has(step)) bad.set(step, { path, reason });
    },
  );
  const own = bad.get("");
  if (own) {
    skip(own.path, own.reason);
    return undefined;
  }
  // No issue is about the plugin itself, so the schema holds for it without its bad versions.
  const value = entry.value as IndexPlugin;
  if (bad.size === 0 && faults.length === 0) return { plugin: value };
  const plugin = withoutVersions(value, bad);
  const [first] = bad.values();
  if (plugin) for (const { path, reason } of bad.values()) skip(path, reason);
  else if (first) skip(first.path, `${first.reason}; no version of the plugin is left`);
  if (!plugin) return undefined;
  for (const { path, reason } of faults) note(path, reason);
  return { plugin, text: JSON.stringify(plugin) };
};

const PLUGIN_PATH = /^\/plugins(\/[^/]*)$/;

/**
 * Corrects names and versions, skips bad plugins and bad versions, and lists all of that. Both entries of a duplicate plugin are
 * skipped, because it is unknown which one is meant. Issues of the document itself are thrown.
 */
export const lenientPolicy = (): IssuePolicy & { skipped: Skipped } => {
  const skipped: Skipped = { list: [], count: 0 };
  const skip = listInto(skipped);
  const note = listInto(skipped, { offered: true });
  const duplicates = new Set<string>();
  let keys: ReadonlySet<string> = new Set();
  const taken = new Set<string>();
  const entry: IssuePolicy["entry"] = (raw, isVersion) => {
    const of = (report: Report): Report => inside(raw.key, inside("plugins", report));
    const kept = salvage(raw, isVersion, of(skip), of(note));
    const namespace = kept?.plugin.namespace ?? "";
    if (kept && (taken.has(namespace) || (namespace !== raw.key && keys.has(namespace)))) {
      of(skip)("/namespace", "is that of another entry too");
      return undefined;
    }
    taken.add(namespace);
    return kept;
  };
  return {
    skipped,
    begin: (all) => {
      keys = new Set(all);
    },
    document: (path, reason) => {
      const step = PLUGIN_PATH.exec(path)?.[1];
      if (step === undefined) throw indexInvalid(path, reason);
      if (!duplicates.has(step)) skip(path, reason);
      duplicates.add(step);
    },
    includes: (key) => duplicates.size === 0 || !duplicates.has(pointerStep(key)),
    entry,
  };
};
