import { PerlSyntaxError } from "./syntax-error.ts";

const PAIRS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** What ends a text that begins with this character. */
export const closingOf = (open: string): string => PAIRS[open] ?? open;

/**
 * Reads a text between delimiters, which may be nested. Escapes stay as they are written.
 * @param at where the first delimiter is
 * @returns the text, and where what follows begins
 * @throws PerlSyntaxError
 */
export const readDelimited = (source: string, at: number): { text: string; end: number } => {
  const open = source[at] ?? "";
  const close = closingOf(open);
  let depth = 0;
  for (let i = at + 1; i < source.length; i++) {
    const character = source[i];
    if (character === "\\") i++;
    else if (character === close && depth-- === 0) return { text: source.slice(at + 1, i), end: i + 1 };
    else if (character === open && open !== close) depth++;
  }
  throw new PerlSyntaxError(`a text that begins with ${open} has no end`, at);
};
