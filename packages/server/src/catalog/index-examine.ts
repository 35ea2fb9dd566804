import { isAscii, isUtf8 } from "node:buffer";
import {
  cleanTexts,
  type IndexPlugin,
  type IndexVersion,
  isHitagiError,
  MAX_SKIPPED_LISTED,
} from "@hitagi/contract";
import type { parseVersion } from "../semantic-version.ts";
import type { CatalogRow, OfferSummary } from "../store/types.ts";
import {
  checkEntry,
  type IssuePolicy,
  type KeyedOffsets,
  lenientPolicy,
  readEntry,
  type Skipped,
} from "./index-entry.ts";
import {
  checkDocument,
  type IndexIssue,
  indexInvalid,
  inside,
  isJsonObject,
  type Report,
} from "./index-rules.ts";
import {
  CUT_OFF,
  composeIndex,
  countKeys,
  type EntryOffsets,
  originalIndex,
  parsePart,
  readIndexOffsets,
  reportDuplicates,
  type ValidPlugin,
  withoutByteOrderMark,
} from "./index-text.ts";
import {
  createSeenComparison,
  type SeenBreach,
  type SeenChange,
  type SeenLines,
  type SeenRule,
} from "./seen-versions.ts";
import { chooseVersion, createVersionReader } from "./version-choice.ts";

/** The valid part of a registry.json. */
export interface CheckedIndex {
  /** The document as it was sent, without a byte-order mark and without the skipped entries. */
  document: Buffer;
  generated_at: string;
  /** Its plugins in order. */
  rows: CatalogRow[];
  /** The entries that a lenient check skipped. */
  skipped: Skipped;
  /** The versions that the index adds to the seen ones; absent if it adds none. */
  seen?: SeenChange | undefined;
  /** How the index broke the rule of the seen versions; absent if it did not. */
  breach?: SeenBreach | undefined;
}

/** What was seen of a registry before, and the time of this refresh in epoch seconds. */
export interface Before {
  seen: SeenLines;
  /** What a signed registry offered unsigned: no hash of these changes. */
  unsigned?: SeenLines | undefined;
  now: number;
  rule?: SeenRule | undefined;
}

const summaryOf = (plugin: IndexPlugin, read: typeof parseVersion): OfferSummary => {
  const versions = Object.keys(plugin.versions);
  // A plugin that passed its check has a version.
  const version = chooseVersion(versions, read) as string;
  const { name, author, description, published_at } = plugin.versions[version] as IndexVersion;
  const { namespace, type } = plugin;
  const summary = { namespace, type, version, name, author, description, published_at };
  return { ...cleanTexts(summary), versions: versions.length };
};

/** The plugins in the order of the text, which objects do not keep for keys like "7". */
const inTextOrder = (plugins: object, entries: EntryOffsets[]): KeyedOffsets[] =>
  Object.entries(plugins)
    .map(([key, marker]): [string, number] => [key, Array.isArray(marker) ? marker[0] : -1])
    .sort(([, a], [, b]) => a - b)
    .map(([key, n]) => [key, entries[n]]);

/** Receives each version of the plugins that are kept. */
type Offer = (namespace: string, version: string, sha256: string) => void;

const checkEntries = (
  text: string,
  keyed: KeyedOffsets[],
  policy: IssuePolicy,
  offer: Offer | undefined,
): ValidPlugin[] => {
  const read = createVersionReader();
  const isVersion = (version: string): boolean => read(version) !== undefined;
  const valid: ValidPlugin[] = [];
  policy.begin?.(keyed.map(([key]) => key));
  for (const [key, offsets] of keyed) {
    if (!policy.includes(key)) continue;
    const checked = policy.entry(readEntry(text, [key, offsets]), isVersion);
    const entry = checked?.text ?? offsets;
    if (!checked || entry === undefined) continue;
    const { namespace, versions } = checked.plugin;
    if (offer) for (const { version, sha256 } of Object.values(versions)) offer(namespace, version, sha256);
    valid.push({ summary: summaryOf(checked.plugin, read), entry });
  }
  return valid;
};

/** An index and the plugins of it that the policy keeps. */
interface Examined {
  document: Buffer;
  text: string;
  isObject: boolean;
  generated_at: string;
  plugins: ValidPlugin[];
}

const MAX_CHARACTER_BYTES = 4;
/** Whether a byte begins a character of several bytes in UTF-8 (RFC 3629 §4), and whether it goes on with one. */
const isFirstByte = (byte: number): boolean => byte >= 0xc2 && byte <= 0xf4;
const isLaterByte = (byte: number): boolean => byte >= 0x80 && byte <= 0xbf;

/** Why bytes are no text. A text that ends within a character is cut off. */
const encodingReason = (bytes: Buffer): string => {
  for (let cut = 1; cut < MAX_CHARACTER_BYTES; cut++) {
    const [first = 0, ...more] = bytes.subarray(-cut);
    if (isFirstByte(first) && more.every(isLaterByte) && isUtf8(bytes.subarray(0, -cut))) return CUT_OFF;
  }
  return "is not UTF-8 text";
};

/**
 * Checks an index from the outside in and hands its issues to the policy.
 * @throws HitagiError INDEX_INVALID where it is no JSON text, or where the policy says so
 */
const examine = (bytes: Buffer, policy: IssuePolicy, offer?: Offer): Examined => {
  if (!isUtf8(bytes)) throw indexInvalid("/", encodingReason(bytes));
  const document = withoutByteOrderMark(bytes);
  // For ASCII both give the same text; latin1 takes a fifth of the time.
  const text = document.toString(isAscii(document) ? "latin1" : "utf8");
  const { skeleton, entries, colons } = readIndexOffsets(text);
  const index = parsePart(skeleton, text);
  if (colons !== countKeys(index)) reportDuplicates(skeleton, policy.document);
  const isObject = isJsonObject(index);
  if (!checkDocument(index, policy.document)) {
    return { document, text, isObject, generated_at: "", plugins: [] };
  }
  const plugins = checkEntries(text, inTextOrder(index.plugins, entries), policy, offer);
  return { document, text, isObject, generated_at: String(index.generated_at), plugins };
};

/** Hands every issue to one report. */
const reportAll = (report: Report): IssuePolicy => {
  const inPlugins = inside("plugins", report);
  return {
    document: report,
    includes: () => true,
    entry: (entry, isVersion) => {
      const plugin = checkEntry(entry, isVersion, inside(entry.key, inPlugins));
      return plugin && { plugin };
    },
  };
};

const strict = reportAll((path, reason) => {
  throw indexInvalid(path, reason);
});

const isOriginal = (
  plugins: ValidPlugin[],
  { count }: Skipped,
): plugins is (ValidPlugin & { entry: EntryOffsets })[] => count === 0;

/** Compares each version with the seen ones by the rule, and with what was offered unsigned. */
const createComparison = ({ seen, unsigned = [], now, rule = "unsigned" }: Before) => {
  const bySeen = createSeenComparison(Buffer.concat(seen), now, { rule });
  if (unsigned.length === 0) return bySeen;
  const byUnsigned = createSeenComparison(Buffer.concat(unsigned), now, { rule: "follow" });
  return {
    ...bySeen,
    offer: (...version: Parameters<typeof bySeen.offer>): void => {
      bySeen.offer(...version);
      byUnsigned.offer(...version);
    },
    breach: (): SeenBreach | undefined => {
      const breach = bySeen.breach();
      const changed = breach?.changed ?? byUnsigned.changed();
      return changed ? { removed: breach?.removed ?? [], changed } : breach;
    },
  };
};

const check = (bytes: Buffer, policy: IssuePolicy, skipped: Skipped, before?: Before): CheckedIndex => {
  const comparison = before && createComparison(before);
  const { document, text, generated_at, plugins } = examine(bytes, policy, comparison?.offer);
  const index = isOriginal(plugins, skipped)
    ? originalIndex(document, text, plugins)
    : composeIndex(generated_at, text, plugins);
  return {
    ...index,
    generated_at,
    skipped,
    seen: comparison?.change(),
    breach: comparison?.breach(),
  };
};

/** See checkIndex in index-check.ts. */
export const checkStrictly = (bytes: Buffer, before?: Before): CheckedIndex =>
  check(bytes, strict, { list: [], count: 0 }, before);

/** See checkIndexLeniently in index-check.ts. */
export const checkLeniently = (bytes: Buffer, before?: Before): CheckedIndex => {
  const policy = lenientPolicy();
  return check(bytes, policy, policy.skipped, before);
};

/** The result of a check that goes on after each issue. */
export interface IndexInspection {
  /** Every issue; none where the index is valid. */
  issues: IndexIssue[];
  /** Whether the text is a JSON object. The web pages that hosts send for unknown addresses are not. */
  isObject: boolean;
}

/** Finds every issue of a registry.json. */
export const inspectIndex = (bytes: Buffer): IndexInspection => {
  const issues: IndexIssue[] = [];
  const policy = reportAll((path, reason) => void issues.push({ path: path || "/", reason }));
  try {
    const { isObject } = examine(bytes, policy);
    return { issues, isObject };
  } catch (error) {
    if (!isHitagiError(error, "INDEX_INVALID")) throw error;
    issues.push({ path: String(error.params.path), reason: String(error.params.reason) });
    return { issues, isObject: false };
  }
};

/** What a user sees of an index before a registry is created. */
export interface IndexSummary extends Pick<IndexInspection, "isObject"> {
  /** The first MAX_SKIPPED_LISTED issues, and the number of all. */
  faults: IndexIssue[];
  faultCount: number;
  /** The plugins that a lenient check keeps; undefined where it fails. */
  plugins: number | undefined;
}

const keptPlugins = (bytes: Buffer): number | undefined => {
  try {
    return checkLeniently(bytes).rows.length;
  } catch (error) {
    if (isHitagiError(error, "INDEX_INVALID")) return undefined;
    throw error;
  }
};

export const summarizeIndex = (bytes: Buffer): IndexSummary => {
  const { issues, isObject } = inspectIndex(bytes);
  const faults = issues.slice(0, MAX_SKIPPED_LISTED);
  return { isObject, faults, faultCount: issues.length, plugins: keptPlugins(bytes) };
};
