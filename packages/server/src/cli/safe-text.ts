// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Bidirectional marks (Unicode Annex 9), which can make a name look like another one. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Removes control characters and bidirectional marks, so that texts of registries and plugins cannot control the
 * terminal or reorder a line. Keeps tabs and line ends.
 */
export const safeText = (text: string): string => text.replace(CONTROL, "").replace(BIDI, "");

/** The same on one line. */
export const safeLine = (text: string): string => safeText(text.replace(/\s+/g, " ")).trim();

/** Control characters that JSON does not escape: DEL and C1, which some terminals execute. */
const UNESCAPED = /[\u007f-\u009f]/g;

/** A value as JSON, with all control characters escaped. */
export const safeJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(
    UNESCAPED,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
