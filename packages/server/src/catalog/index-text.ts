import { visit } from "jsonc-parser";
import type { CatalogRow, OfferSummary } from "../store/types.ts";
import type { EntryOffsets } from "./index-offsets.ts";
import { indexInvalid, pointerStep, type Report } from "./index-rules.ts";

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

export const withoutByteOrderMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, BOM.length).equals(BOM) ? bytes.subarray(BOM.length) : bytes;

/** The position where a text stops being JSON, in words. */
const syntaxReason = (text: string): string => {
  try {
    JSON.parse(text);
    return "is not JSON";
  } catch (error) {
    // Only the message of the error has the position. Without it the reason is less exact, and still right.
    const position = /at position (\d+)/.exec(String(error))?.[1];
    if (position === undefined) return "is not JSON: it ends too early";
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
export interface IndexDocument {
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
  plugins: readonly ValidPlugin[],
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
