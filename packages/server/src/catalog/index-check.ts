import { isAscii, isUtf8 } from "node:buffer";
import { HitagiError, type IndexPlugin, isHitagiError } from "@hitagi/contract";
import type { CatalogRow, OfferSummary } from "../store/types.ts";
import { type EntryOffsets, readIndexOffsets } from "./entry-offsets.ts";
import { createRecogniser, type RecogniseEntry } from "./entry-recogniser.ts";
import { countKeys, reportDuplicates } from "./index-duplicates.ts";
import type { KeyedOffsets } from "./index-entry.ts";
import type { IndexFault } from "./index-faults.ts";
import { type FaultHandling, reportingTo } from "./index-handling.ts";
import { lenientHandling, type Skipped } from "./index-lenient.ts";
import { checkDocument } from "./index-rules.ts";
import { bytePlaces, composeIndex, parsePart, unreadable, withoutMark } from "./index-text.ts";
import { chooseVersion, createVersionReader, type parseVersion } from "./version-choice.ts";
import { createYielder, type Yielder } from "./yield.ts";

/** A registry.json, as far as it is without a fault. */
export interface CheckedIndex {
  /** The document as it was sent, without a byte-order mark and without what was skipped. */
  document: Buffer;
  generated_at: string;
  /** Its plugins in order. */
  rows: CatalogRow[];
  /** What a lenient check left out. */
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
const keyedCuts = (plugins: object, cuts: EntryOffsets[]): KeyedOffsets[] =>
  Object.entries(plugins)
    .map(([key, marker]): [string, number] => [key, Array.isArray(marker) ? marker[0] : -1])
    .sort(([, a], [, b]) => a - b)
    .map(([key, n]) => [key, cuts[n]]);

/** Plugins that are kept: their summaries, and for each the place of its entry, or its text where that was made here. */
interface Kept {
  summaries: OfferSummary[];
  entries: (EntryOffsets | string)[];
}

const checkEntries = async (
  text: string,
  keyed: KeyedOffsets[],
  breather: Yielder,
  handling: FaultHandling,
): Promise<Kept> => {
  const read = createVersionReader();
  const kept: Kept = { summaries: [], entries: [] };
  let recognise: RecogniseEntry | undefined;
  const keep = (summary: OfferSummary, entry: EntryOffsets | string): void => {
    kept.summaries.push(summary);
    kept.entries.push(entry);
  };
  for (const [key, cut] of keyed) {
    if (breather.isDue()) await breather.rest();
    if (!handling.takes(key)) continue;
    const recognised = cut && recognise?.(text, cut, key);
    if (recognised) {
      keep(recognised, cut);
      continue;
    }
    const checked = handling.entry(text, [key, cut], read);
    const entry = checked?.text ?? cut;
    if (!checked || !entry) continue;
    keep(summaryOf(checked.plugin, read), entry);
    recognise ??= createRecogniser(checked.plugin, read);
  }
  return kept;
};

/** What a check found, and kept. */
interface Examined {
  document: Buffer;
  text: string;
  generated_at: string;
  kept: Kept;
}

const rowsOf = (
  summaries: OfferSummary[],
  places: readonly Pick<CatalogRow, "start" | "length">[],
): CatalogRow[] =>
  places.flatMap((place, n) => {
    const summary = summaries[n];
    return summary ? { summary, ...place } : [];
  });

/** The index where all of the document is kept. */
const wholeIndex = ({ document, text, generated_at, kept }: Examined): Omit<CheckedIndex, "skipped"> => {
  const cuts = kept.entries.filter((entry) => typeof entry !== "string");
  return { document, generated_at, rows: rowsOf(kept.summaries, bytePlaces(text, document.length, cuts)) };
};

/** The index where parts of the document are left out. */
const reducedIndex = ({ text, generated_at, kept }: Examined): Omit<CheckedIndex, "skipped"> => {
  const entries = kept.entries.map((entry, n) => ({
    namespace: kept.summaries[n]?.namespace ?? "",
    entry: typeof entry === "string" ? entry : text.slice(entry.start, entry.end),
  }));
  const { document, places } = composeIndex(generated_at, entries);
  return { document, generated_at, rows: rowsOf(kept.summaries, places) };
};

/**
 * Goes through an index from the outside in and hands its faults to `handling`.
 * @returns what it holds, which is all of it where no fault was found
 * @throws HitagiError INDEX_INVALID where it is no JSON text at all
 */
const examine = async (bytes: Buffer, handling: FaultHandling): Promise<Examined> => {
  if (!isUtf8(bytes)) throw unreadable("is not UTF-8 text");
  const document = withoutMark(bytes);
  // The same characters where all are ASCII, in a fifth of the time.
  const text = document.toString(isAscii(document) ? "latin1" : "utf8");
  const breather = createYielder();
  const outline = await readIndexOffsets(text, breather);
  if (typeof outline === "string") throw unreadable(outline);
  const frame = parsePart(outline.skeleton, text);
  if (outline.colons !== countKeys(frame)) reportDuplicates(outline.skeleton, handling.document);
  const readable = checkDocument(frame, handling.document);
  const keyed = readable ? keyedCuts(frame.plugins, outline.cuts) : [];
  const kept = await checkEntries(text, keyed, breather, handling);
  const generated_at = readable ? String(frame.generated_at) : "";
  return { document, text, generated_at, kept };
};

const strict = reportingTo((path, reason) => {
  throw new HitagiError("INDEX_INVALID", { path: path || "/", reason });
});

/**
 * Checks a registry.json, as LANraragi states version 1 and as strictly as its text says: true times, no key twice,
 * text where text belongs. A byte-order mark is let pass. Long ones leave other work its turns.
 * @throws HitagiError INDEX_INVALID with the JSON pointer and the reason of the first fault
 */
export const checkIndex = async (bytes: Buffer): Promise<CheckedIndex> => ({
  ...wholeIndex(await examine(bytes, strict)),
  skipped: { list: [], count: 0 },
});

/**
 * Checks a registry.json by the same rules, and leaves out the plugins and versions that break them.
 * @throws HitagiError INDEX_INVALID for a fault around the plugins, or of far too many of them
 */
export const checkIndexLeniently = async (bytes: Buffer): Promise<CheckedIndex> => {
  const { skipped, ...handling } = lenientHandling();
  const examined = await examine(bytes, handling);
  const index = skipped.count === 0 ? wholeIndex(examined) : reducedIndex(examined);
  return { ...index, skipped };
};

/** Every fault of a registry.json, for its keeper; none where it is valid. */
export const indexFaults = async (bytes: Buffer): Promise<IndexFault[]> => {
  const faults: IndexFault[] = [];
  const collect = reportingTo((path, reason) => void faults.push({ path: path || "/", reason }));
  try {
    await examine(bytes, collect);
  } catch (error) {
    if (!isHitagiError(error, "INDEX_INVALID")) throw error;
    faults.push({ path: String(error.params.path), reason: String(error.params.reason) });
  }
  return faults;
};
