/** Control characters (Unicode Cc) but tab and line feed. A store may end a text at a NUL. */
const CONTROLS = /[^\P{Cc}\t\n]/gu;

/** Halves of surrogate pairs, which UTF-8 cannot hold: a store would return another text than it was given. */
const LONE_SURROGATES = /\p{Cs}/gu;

/** Either of the two. Nearly every text has none, which one look finds. */
const UNCLEAN = /[^\P{Cc}\t\n]|\p{Cs}/u;

/**
 * A text as the server takes it in: without control characters but tab and line feed, and with U+FFFD in place of each lone surrogate.
 * Marks that reorder text stay; what prints a text removes them.
 */
export const cleanText = (text: string): string =>
  UNCLEAN.test(text) ? text.replace(CONTROLS, "").replace(LONE_SURROGATES, "\ufffd") : text;

/** The same on one line: tabs and line feeds become spaces. */
export const cleanLine = (text: string): string => cleanText(text).replace(/[\t\n]+/g, " ");

/** A text in the form in which texts are compared: what looks the same is the same (NFC), and case does not count. */
export const comparableText = (text: string): string => text.toLowerCase().normalize("NFC");

/** Whether `cleanTexts` would leave a JSON value as it is. */
export const isClean = (value: unknown): boolean => {
  if (typeof value === "string") return !UNCLEAN.test(value);
  if (typeof value !== "object" || value === null) return true;
  const fields = value as Record<string, unknown>;
  return Object.keys(fields).every((name) => !UNCLEAN.test(name) && isClean(fields[name]));
};

/**
 * Cleans every text in a JSON value, and every name of a property, in place.
 * @returns the value; another text, if the value itself is one
 */
export const cleanTexts = <T>(value: T): T => {
  if (typeof value === "string") return cleanText(value) as T;
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    const field = fields[name];
    const cleaned = cleanTexts(field);
    const cleanName = cleanText(name);
    if (cleanName !== name) {
      delete fields[name];
      // An assignment to `__proto__` would set the prototype.
      Object.defineProperty(fields, cleanName, {
        ...{ value: cleaned, enumerable: true, configurable: true, writable: true },
      });
    } else if (cleaned !== field) fields[name] = cleaned;
  }
  return value;
};
