import { isAscii, isUtf8 } from "node:buffer";
import { type IndexPlugin, isHitagiError } from "@hitagi/contract";
import type { CatalogRow, OfferSummary, ReadIndex } from "../store/types.ts";
import {
  checkEntry,
  type IssuePolicy,
  type KeyedOffsets,
  lenientPolicy,
  readEntry,
  type Skipped,
  skippedFields,
} from "./index-entry.ts";
import { checkDocument, type IndexIssue, indexInvalid, inside, type Report } from "./index-rules.ts";
import {
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
import { chooseVersion, createVersionReader, type parseVersion } from "./version-choice.ts";
import { createYielder, type Yielder } from "./yield.ts";

/** The valid part of a registry.json. */
export interface CheckedIndex {
  /** The document as it was sent, without a byte-order mark and without the skipped entries. */
  document: Buffer;
  generated_at: string;
  /** Its plugins in order. */
  rows: CatalogRow[];
  /** The entries that a lenient check skipped. */
  skipped: Skipped;
}

const summaryOf = (plugin: IndexPlugin, read: typeof parseVersion): OfferSummary => {
  const versions = Object.keys(plugin.versions);
  const version = chooseVersion(versions, read) ?? "";
  const { name = "", author = "", description = "", published_at = "" } = plugin.versions[version] ?? {};
  const { namespace, type } = plugin;
  return { namespace, type, version, name, author, description, published_at, versions: versions.length };
};

/** The plugins in the order of the text, which objects do not keep for keys like "7". */
const inTextOrder = (plugins: object, entries: EntryOffsets[]): KeyedOffsets[] =>
  Object.entries(plugins)
    .map(([key, marker]): [string, number] => [key, Array.isArray(marker) ? marker[0] : -1])
    .sort(([, a], [, b]) => a - b)
    .map(([key, n]) => [key, entries[n]]);

const checkEntries = async (
  text: string,
  keyed: KeyedOffsets[],
  policy: IssuePolicy,
  yielder: Yielder,
): Promise<ValidPlugin[]> => {
  const read = createVersionReader();
  const valid: ValidPlugin[] = [];
  for (const [key, offsets] of keyed) {
    if (yielder.isDue()) await yielder.yield();
    if (!policy.includes(key)) continue;
    const checked = policy.entry(readEntry(text, [key, offsets]), read);
    const entry = checked?.text ?? offsets;
    if (checked && entry !== undefined) valid.push({ summary: summaryOf(checked.plugin, read), entry });
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

/**
 * Checks an index from the outside in and hands its issues to the policy.
 * @throws HitagiError INDEX_INVALID where it is no JSON text, or where the policy says so
 */
const examine = async (bytes: Buffer, policy: IssuePolicy): Promise<Examined> => {
  if (!isUtf8(bytes)) throw indexInvalid("/", "is not UTF-8 text");
  const document = withoutByteOrderMark(bytes);
  // For ASCII both give the same text; latin1 takes a fifth of the time.
  const text = document.toString(isAscii(document) ? "latin1" : "utf8");
  const yielder = createYielder();
  const { skeleton, entries, colons } = await readIndexOffsets(text, yielder);
  const index = parsePart(skeleton, text);
  if (colons !== countKeys(index)) reportDuplicates(skeleton, policy.document);
  const isObject = typeof index === "object" && index !== null && !Array.isArray(index);
  if (!checkDocument(index, policy.document)) {
    return { document, text, isObject, generated_at: "", plugins: [] };
  }
  const plugins = await checkEntries(text, inTextOrder(index.plugins, entries), policy, yielder);
  return { document, text, isObject, generated_at: String(index.generated_at), plugins };
};

/** Hands every issue to one report. */
const reportAll = (report: Report): IssuePolicy => {
  const inPlugins = inside("plugins", report);
  return {
    document: report,
    includes: () => true,
    entry: (entry, read) => {
      const plugin = checkEntry(entry, read, inside(entry.key, inPlugins));
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

const check = async (bytes: Buffer, policy: IssuePolicy, skipped: Skipped): Promise<CheckedIndex> => {
  const { document, text, generated_at, plugins } = await examine(bytes, policy);
  const index = isOriginal(plugins, skipped)
    ? originalIndex(document, text, plugins)
    : composeIndex(generated_at, text, plugins);
  return { ...index, generated_at, skipped };
};

/**
 * Checks a registry.json strictly by LANraragi's rules of version 1: existing times, no duplicate key, text where text
 * belongs. A byte-order mark is accepted. The check of a large index yields to other work.
 * @throws HitagiError INDEX_INVALID with the JSON pointer and the reason of the first issue
 */
export const checkIndex = (bytes: Buffer): Promise<CheckedIndex> =>
  check(bytes, strict, { list: [], count: 0 });

/**
 * Checks a registry.json by the same rules, and skips the plugins and versions that break them.
 * @throws HitagiError INDEX_INVALID for an issue around the plugins, or where far too many entries are bad
 */
export const checkIndexLeniently = async (bytes: Buffer): Promise<CheckedIndex> => {
  const policy = lenientPolicy();
  return check(bytes, policy, policy.skipped);
};

/** The result of a check that goes on after each issue. */
export interface IndexInspection {
  /** Every issue; none where the index is valid. */
  issues: IndexIssue[];
  /** Whether the text is a JSON object. The web pages that hosts send for unknown addresses are not. */
  isObject: boolean;
}

/** Finds every issue of a registry.json. */
export const inspectIndex = async (bytes: Buffer): Promise<IndexInspection> => {
  const issues: IndexIssue[] = [];
  const policy = reportAll((path, reason) => void issues.push({ path: path || "/", reason }));
  try {
    const { isObject } = await examine(bytes, policy);
    return { issues, isObject };
  } catch (error) {
    if (!isHitagiError(error, "INDEX_INVALID")) throw error;
    issues.push({ path: String(error.params.path), reason: String(error.params.reason) });
    return { issues, isObject: false };
  }
};

/**
 * Reads a registry.json that another program put into the store. LANraragi checks less than this catalog does, so
 * entries that break the rules are skipped.
 */
export const readCachedIndex: ReadIndex = async (bytes) => {
  try {
    const { document, generated_at, rows, skipped } = await checkIndexLeniently(bytes);
    return { document, rows, meta: { generated_at, plugins: rows.length, ...skippedFields(skipped) } };
  } catch (error) {
    if (isHitagiError(error, "INDEX_INVALID")) return undefined;
    throw error;
  }
};
