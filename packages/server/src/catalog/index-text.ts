import { visit } from "jsonc-parser";
import { isWebPage } from "../sources/web-page.ts";
import type { CatalogRow, OfferSummary } from "../store/types.ts";
import { indexInvalid, pointerStep, type Report } from "./index-rules.ts";

/** The position of one plugin's entry in the text of an index. */
export interface EntryOffsets {
  start: number;
  end: number;
  /** The number of colons outside strings, which is the number of its keys, duplicates included. */
  colons: number;
}

/** The parts of an index that is not parsed yet. */
interface IndexOffsets {
  /** The text with each entry replaced by `[n]`, its position in `entries`. */
  skeleton: string;
  entries: EntryOffsets[];
  /** Colons of the skeleton. */
  colons: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** The only bit in which `[` differs from `{`, and `]` from `}`. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** An entry is a value inside a value of the document. */
const ENTRY_DEPTH = 2;
/** registry.json is five levels deep. Much deeper text only exhausts a parser. */
const MAX_DEPTH = 16;
/**
 * Brackets, commas and colons are at most a tenth of an index. A text with far more of them exhausts the memory: each
 * may become an object of many times its size.
 */
const CHARS_PER_MARK = 6;
const FREE_MARKS = 1000;

/** The position of the quote that ends a string. indexOf is many times faster than a loop over the characters. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
};

const withoutEntries = (text: string, entries: EntryOffsets[]): string => {
  const pieces: string[] = [];
  let from = 0;
  entries.forEach(({ start, end }, n) => {
    pieces.push(text.slice(from, start), `[${n}]`);
    from = end;
  });
  return pieces.join("") + text.slice(from);
};

/**
 * Finds the entries of an index, so that each can be parsed, checked and freed by itself. That needs a fraction of the
 * memory of parsing the whole. The result for text that is not JSON is arbitrary, but then the
 * skeleton or an entry is not JSON either.
 * @throws HitagiError INDEX_INVALID for text that would exhaust a parser
 */
export const readIndexOffsets = (text: string): IndexOffsets => {
  const entries: EntryOffsets[] = [];
  let [depth, colons, colonsInEntries, marks, start, colonsAtStart] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      i = endOfString(text, i);
    } else if (char === COLON) {
      colons++;
      marks++;
    } else if (char === COMMA) {
      marks++;
    } else if ((char | BRACE_BIT) === OPENING) {
      if (++depth > MAX_DEPTH) throw indexInvalid("/", "is nested too deeply");
      marks++;
      if (depth === ENTRY_DEPTH + 1) [start, colonsAtStart] = [i, colons];
    } else if ((char | BRACE_BIT) === CLOSING && --depth === ENTRY_DEPTH) {
      entries.push({ start, end: i + 1, colons: colons - colonsAtStart });
      colonsInEntries += colons - colonsAtStart;
    }
  }
  if (marks - FREE_MARKS > text.length / CHARS_PER_MARK)
    throw indexInvalid("/", "has far more structure than content");
  return { skeleton: withoutEntries(text, entries), entries, colons: colons - colonsInEntries };
};

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

export const withoutByteOrderMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, BOM.length).equals(BOM) ? bytes.subarray(BOM.length) : bytes;

export const CUT_OFF = "is cut off: it ends too early";

/** The errors of a text that ends in the middle. */
const ENDS_EARLY = /Unexpected end|Unterminated string/;

/** Why a text is no JSON, or the position where it stops being JSON. */
const syntaxReason = (text: string): string => {
  if (text.trim() === "") return "is empty";
  if (isWebPage(text)) return "is a web page (HTML)";
  try {
    JSON.parse(text);
    return "is not JSON";
  } catch (error) {
    // Only the message of the error has the position, and not every message has one.
    const message = String(error);
    const position = /at position (\d+)/.exec(message)?.[1];
    if (ENDS_EARLY.test(message) || Number(position) >= text.trimEnd().length) return CUT_OFF;
    if (position === undefined) return "is not JSON";
    const before = text.slice(0, Number(position)).split("\n");
    return `is not JSON at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  }
};

/**
 * Parses a part of an index.
 * @param whole the index, which gives the position of a syntax error
 * @throws HitagiError INDEX_INVALID
 */
export const parsePart = (part: string, whole: string): unknown => {
  try {
    return JSON.parse(part);
  } catch {
    throw indexInvalid("/", syntaxReason(whole));
  }
};

/** The number of keys in a parsed value, at all levels. */
export const countKeys = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 0;
  const children = Object.values(value);
  let count = Array.isArray(value) ? 0 : children.length;
  for (const child of children) count += countKeys(child);
  return count;
};

/**
 * Reports every duplicate key of an object. JSON.parse keeps the last one and says nothing. This parser is slow, so it
 * only runs where the number of keys shows that there are duplicates.
 */
export const reportDuplicates = (text: string, report: Report): void => {
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name, _offset, _length, _line, _character, pathSupplier) => {
      const keys = open.at(-1);
      if (keys?.has(name)) {
        report([...pathSupplier(), name].map(pointerStep).join(""), "is a key that stands twice");
      }
      keys?.add(name);
    },
  });
};

/** A valid plugin: its summary, and its entry's position in the index or a text that replaces it. */
export interface ValidPlugin {
  summary: OfferSummary;
  entry: EntryOffsets | string;
}

/** registry.json in UTF-8, with the position of each plugin's entry in bytes. */
interface IndexDocument {
  document: Buffer;
  rows: CatalogRow[];
}

/** The index as it was sent: `plugins` holds all of its entries, in their order. */
export const originalIndex = (
  document: Buffer,
  text: string,
  plugins: readonly { summary: OfferSummary; entry: EntryOffsets }[],
): IndexDocument => {
  const isAscii = text.length === document.length;
  let [chars, bytes] = [0, 0];
  const rows = plugins.map(({ summary, entry: { start, end } }): CatalogRow => {
    if (isAscii) return { summary, start, length: end - start };
    const from = bytes + Buffer.byteLength(text.slice(chars, start));
    const length = Buffer.byteLength(text.slice(start, end));
    [chars, bytes] = [end, from + length];
    return { summary, start: from, length };
  });
  return { document, rows };
};

/** An index that is composed of these plugins. */
export const composeIndex = (
  generated_at: string,
  text: string,
  plugins: readonly Pick<ValidPlugin, "summary" | "entry">[],
): IndexDocument => {
  const pieces = [`{"version":1,"generated_at":${JSON.stringify(generated_at)},"plugins":{`];
  let end = Buffer.byteLength(pieces[0] ?? "");
  const rows = plugins.map(({ summary, entry }, n): CatalogRow => {
    const key = `${n === 0 ? "" : ","}${JSON.stringify(summary.namespace)}:`;
    const value = typeof entry === "string" ? entry : text.slice(entry.start, entry.end);
    pieces.push(key, value);
    const start = end + Buffer.byteLength(key);
    const length = Buffer.byteLength(value);
    end = start + length;
    return { summary, start, length };
  });
  return { document: Buffer.from(`${pieces.join("")}}}`), rows };
};
