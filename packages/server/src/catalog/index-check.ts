import { isUtf8 } from "node:buffer";
import { HitagiError, type IndexPlugin, isHitagiError } from "@hitagi/contract";
import type { CatalogRow, OfferSummary } from "../store/types.ts";
import { type Breather, createBreather } from "./breather.ts";
import { createRecogniser, type RecogniseEntry } from "./entry-recogniser.ts";
import { countKeys, reportDuplicates } from "./index-duplicates.ts";
import { type IndexFault, inside, type Report } from "./index-faults.ts";
import { type Cut, type Outline, outlineIndex } from "./index-outline.ts";
import { checkDocument, checkEntry, keysOfEntry } from "./index-rules.ts";
import { chooseVersion, createVersionReader, type parseVersion } from "./version-choice.ts";

/** A registry.json without a fault. */
export interface CheckedIndex {
  /** The document as it was sent, without a byte-order mark. */
  text: string;
  generated_at: string;
  /** Its plugins in order. Entries are cut out of the text as they are asked for. */
  rows: Iterable<CatalogRow>;
  summaries: OfferSummary[];
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

const decode = (bytes: Buffer): string =>
  bytes.toString("utf8", bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0);

/** Where a text stops being JSON, in words. */
const syntaxReason = (text: string): string => {
  try {
    JSON.parse(text);
    return "is not JSON";
  } catch (error) {
    // The place is told in no other way than in the message; without it the fault is still named.
    const position = /at position (\d+)/.exec(String(error))?.[1];
    if (position === undefined) return "is not JSON: it ends too early";
    const before = text.slice(0, Number(position)).split("\n");
    return `is not JSON at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  }
};

/** Parses, or answers undefined, which no JSON gives. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What keeps an index from being looked at any further. */
const unreadable = (reason: string) => new HitagiError("INDEX_INVALID", { path: "/", reason });

const summaryOf = (plugin: IndexPlugin, read: typeof parseVersion): OfferSummary => {
  const versions = Object.keys(plugin.versions);
  const version = chooseVersion(versions, read) ?? "";
  const { name = "", author = "", description = "", published_at = "" } = plugin.versions[version] ?? {};
  const { namespace, type } = plugin;
  return { namespace, type, version, name, author, description, published_at, versions: versions.length };
};

/** A plugin's key with its entry's place in the text; a value that is no object or array has none. */
type KeyedCut = [key: string, cut: Cut | undefined];

/** The plugins in the order of the text, which objects do not keep for keys like "7". */
const keyedCuts = (plugins: object, cuts: Cut[]): KeyedCut[] =>
  Object.entries(plugins)
    .map(([key, marker]): [string, number] => [key, Array.isArray(marker) ? marker[0] : -1])
    .sort(([, a], [, b]) => a - b)
    .map(([key, n]) => [key, cuts[n]]);

/** Parses one entry and holds it against every rule. Answers it where it is without a fault. */
const checkByRules = (
  text: string,
  [key, cut]: KeyedCut,
  read: typeof parseVersion,
  report: Report,
): IndexPlugin | undefined => {
  const slice = cut ? text.slice(cut.start, cut.end) : "null";
  const entry = parse(slice);
  if (entry === undefined) throw unreadable(syntaxReason(text));
  const faultless = checkEntry(key, entry, read, report);
  const keys = faultless ? keysOfEntry(Object.keys(entry.versions).length) : countKeys(entry);
  if (cut && cut.colons !== keys) reportDuplicates(slice, report);
  return faultless ? entry : undefined;
};

const checkEntries = async (text: string, keyed: KeyedCut[], breather: Breather, report: Report) => {
  const read = createVersionReader();
  const summaries: OfferSummary[] = [];
  const inPlugins = inside("plugins", report);
  let recognise: RecogniseEntry | undefined;
  for (const [key, cut] of keyed) {
    let summary = cut && recognise?.(text, cut, key);
    if (summary === undefined) {
      const entry = checkByRules(text, [key, cut], read, inside(key, inPlugins));
      summary = entry && summaryOf(entry, read);
      if (entry) recognise ??= createRecogniser(entry, read);
    }
    if (summary) summaries.push(summary);
    if (breather.isDue()) await breather.rest();
  }
  return summaries;
};

const rowsOf = (text: string, keyed: KeyedCut[], summaries: OfferSummary[]): CheckedIndex["rows"] => ({
  *[Symbol.iterator]() {
    for (const [n, summary] of summaries.entries()) {
      const cut = keyed[n]?.[1];
      if (cut) yield { summary, entry: text.slice(cut.start, cut.end) };
    }
  },
});

const parseSkeleton = ({ skeleton }: Outline, text: string): unknown => {
  const document = parse(skeleton);
  if (document === undefined) throw unreadable(syntaxReason(text));
  return document;
};

/**
 * Goes through an index from the outside in and reports its faults.
 * @returns what it holds, which is all of it where no fault was reported
 * @throws HitagiError INDEX_INVALID where it is no JSON text at all
 */
const examine = async (bytes: Buffer, report: Report): Promise<CheckedIndex> => {
  if (!isUtf8(bytes)) throw unreadable("is not UTF-8 text");
  const text = decode(bytes);
  const breather = createBreather();
  const outline = await outlineIndex(text, breather);
  if (typeof outline === "string") throw unreadable(outline);
  const document = parseSkeleton(outline, text);
  if (outline.colons !== countKeys(document)) reportDuplicates(outline.skeleton, report);
  const readable = checkDocument(document, report);
  const keyed = readable ? keyedCuts(document.plugins, outline.cuts) : [];
  const summaries = await checkEntries(text, keyed, breather, report);
  const generated_at = readable ? document.generated_at : "";
  return { text, generated_at, rows: rowsOf(text, keyed, summaries), summaries };
};

/**
 * Checks a registry.json, as LANraragi states version 1 and as strictly as its text says: true times, no key twice,
 * text where text belongs. A byte-order mark is let pass. Long ones leave other work its turns.
 * @throws HitagiError INDEX_INVALID with the JSON pointer and the reason of the first fault
 */
export const checkIndex = (bytes: Buffer): Promise<CheckedIndex> =>
  examine(bytes, (path, reason) => {
    throw new HitagiError("INDEX_INVALID", { path: path || "/", reason });
  });

/** Every fault of a registry.json, for its keeper; none where it is valid. */
export const indexFaults = async (bytes: Buffer): Promise<IndexFault[]> => {
  const faults: IndexFault[] = [];
  try {
    await examine(bytes, (path, reason) => void faults.push({ path: path || "/", reason }));
  } catch (error) {
    if (!isHitagiError(error, "INDEX_INVALID")) throw error;
    faults.push({ path: String(error.params.path), reason: String(error.params.reason) });
  }
  return faults;
};
