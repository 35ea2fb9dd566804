import type { CheckedIndex } from "../../src/catalog/index-examine.ts";

/** A checked index in the words of its tests: the document as text, and the summaries and entries of its rows. */
export const contentOf = ({ document, rows, ...rest }: CheckedIndex) => ({
  ...rest,
  text: document.toString("utf8"),
  summaries: rows.map(({ summary }) => summary),
  entries: rows.map(({ start, length }) => document.toString("utf8", start, start + length)),
});
