/** A line of this program with colours. All other text in it was made safe before. */
export interface ColouredLine {
  readonly coloured: string;
}

/** Lines for the terminal. Each string becomes one line. */
export type Lines = string | ColouredLine | readonly Lines[];

/** Whitespace that ends a line, or moves to another column. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * Characters that show nothing or reorder a line, so that a text looks like another one: bidirectional marks, joiners, fillers,
 * tags (Unicode, DerivedCoreProperties). Variation selectors stay.
 */
const HIDDEN = /(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/gu;

const oneLine = (text: string): string => text.replace(BREAKS, " ").replace(CONTROL, "").replace(HIDDEN, "");

/**
 * The one way to the terminal. Texts of registries, plugins and files cannot control it, reorder a line, or begin a line that
 * looks like a hint, an error or a question of this program.
 */
export const printed = (lines: Lines): string => {
  if (typeof lines === "string") return oneLine(lines);
  return "coloured" in lines ? lines.coloured : lines.map(printed).join("\n");
};

/** A text on one line, with single spaces, for a cell or a part of a sentence. */
export const safeLine = (text: string): string => oneLine(text.replace(/\s+/g, " ")).trim();

/** What JSON does not escape: DEL and C1, which some terminals execute, ends of lines, and hidden marks. */
const UNESCAPED = new RegExp(`[\\u007f-\\u009f\\u2028\\u2029]|${HIDDEN.source}`, "gu");

/** A value as JSON, with all control characters and hidden marks escaped. */
export const safeJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(UNESCAPED, (found) =>
    found
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
