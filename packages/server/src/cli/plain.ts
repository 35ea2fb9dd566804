// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text from elsewhere without control characters: names and messages of registries and plugins must not be able to
 * steer the terminal. Tabs and line ends stay.
 */
export const plain = (text: string): string => text.replace(CONTROL, "");

/** The same in one line. */
export const oneLine = (text: string): string => plain(text.replace(/\s+/g, " ")).trim();
