/** Control characters, line separators, and the marks that reorder text on a terminal or a page. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** One line of harmless text, cut to a number of characters. */
export const plainText = (text: string, max: number): string => {
  const line = text.replace(UNSAFE, " ").trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
};
