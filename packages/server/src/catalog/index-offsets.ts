import { indexInvalid } from "./index-rules.ts";
import type { Yielder } from "./yield.ts";

/** The position of one plugin's entry in the text of an index. */
export interface EntryOffsets {
  start: number;
  end: number;
  /** The number of colons outside strings, which is the number of its keys, duplicates included. */
  colons: number;
}

/** The parts of an index that is not parsed yet. */
export interface IndexOffsets {
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
 * memory of parsing the whole, and lets other work run. The result for text that is not JSON is arbitrary, but then the
 * skeleton or an entry is not JSON either.
 * @throws HitagiError INDEX_INVALID for text that would exhaust a parser
 */
export const readIndexOffsets = async (text: string, yielder: Yielder): Promise<IndexOffsets> => {
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
      if (yielder.isDue()) await yielder.yield();
    }
  }
  if (marks - FREE_MARKS > text.length / CHARS_PER_MARK)
    throw indexInvalid("/", "has far more structure than content");
  return { skeleton: withoutEntries(text, entries), entries, colons: colons - colonsInEntries };
};
