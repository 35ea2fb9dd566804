// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Marks that reorder the text around them (Unicode Annex 9), by which a name can be shown as another one. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from elsewhere without control characters: names and messages of registries and plugins must not be able to
 * steer the terminal, nor to show the line in another order. Tabs and line ends stay.
 */
export const plain = (text: string): string => text.replace(CONTROL, "").replace(BIDI, "");

/** The same in one line. */
export const oneLine = (text: string): string => plain(text.replace(/\s+/g, " ")).trim();

/** Control characters that JSON leaves as they are: DEL, and C1, which some terminals obey. */
const UNESCAPED = /[\u007f-\u009f]/g;

/** A value as JSON for a program, with nothing in it that steers a terminal where a person looks at it. */
export const plainJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(
    UNESCAPED,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
