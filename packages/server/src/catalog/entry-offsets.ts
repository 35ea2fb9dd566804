import type { Yielder } from "./yield.ts";

/** Where one plugin's entry stands in the text of an index. */
export interface EntryOffsets {
  start: number;
  end: number;
  /** Number of colons outside strings, which is that of its keys, duplicates included. */
  colons: number;
}

/** An index taken apart without parsing it. */
export interface IndexOffsets {
  /** The text with each entry replaced by `[n]`, n being its place in `cuts`. */
  skeleton: string;
  cuts: EntryOffsets[];
  /** Colons of the skeleton. */
  colons: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in this bit only. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** An entry is a value inside a value of the document. */
const ENTRY_DEPTH = 2;
/** registry.json goes five deep. What goes much deeper is made to exhaust a parser. */
const MAX_DEPTH = 16;
/**
 * In an index, brackets, commas and colons are one character in ten at most. What has far more of them is made to
 * exhaust the memory: each may become an object of many times its size.
 */
const CHARS_PER_MARK = 6;
const FREE_MARKS = 1000;

/** The place of the quote that ends a string. Searching for it is many times faster than looking at each character. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
};

const withoutEntries = (text: string, cuts: EntryOffsets[]): string => {
  const pieces: string[] = [];
  let from = 0;
  cuts.forEach(({ start, end }, n) => {
    pieces.push(text.slice(from, start), `[${n}]`);
    from = end;
  });
  return pieces.join("") + text.slice(from);
};

/**
 * Finds the entries of an index, so that each can be parsed, checked and forgotten by itself: that needs a
 * fraction of the memory of parsing the whole, and leaves other work its turns. Text that is not JSON may give any
 * outline, but never one whose skeleton and cuts are all JSON.
 * @returns the outline, or in words why there is none
 */
export const readIndexOffsets = async (text: string, breather: Yielder): Promise<IndexOffsets | string> => {
  const cuts: EntryOffsets[] = [];
  let [depth, colons, colonsInCuts, marks, start, colonsAtStart] = [0, 0, 0, 0, 0, 0];
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
      if (++depth > MAX_DEPTH) return "is nested too deeply";
      marks++;
      if (depth === ENTRY_DEPTH + 1) [start, colonsAtStart] = [i, colons];
    } else if ((char | BRACE_BIT) === CLOSING && --depth === ENTRY_DEPTH) {
      cuts.push({ start, end: i + 1, colons: colons - colonsAtStart });
      colonsInCuts += colons - colonsAtStart;
      if (breather.isDue()) await breather.rest();
    }
  }
  if (marks - FREE_MARKS > text.length / CHARS_PER_MARK) return "has far more structure than content";
  return { skeleton: withoutEntries(text, cuts), cuts, colons: colons - colonsInCuts };
};
