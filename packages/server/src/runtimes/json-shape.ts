/** Objects and arrays within each other; deeper JSON overflows the stack of whoever walks it later. */
export const MAX_JSON_DEPTH = 500;

/**
 * Values in one JSON text, those within each other too. A megabyte of `[],[],[]` is parsed in the time of twenty
 * megabytes of text and takes as much memory, so that a limit of bytes alone does not keep parsing short.
 */
export const MAX_JSON_VALUES = 100_000;

/** Below this many bytes nothing is too deep, and too few values fit to count. */
const SMALL = 2 * MAX_JSON_DEPTH;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** What parsing a JSON text would make. */
export interface JsonShape {
  /** Why it is not to be parsed, to follow the name of what it is: `is nested deeper than 500`. */
  fault: string | undefined;
  /** About how many values it has; 0 for a text so short that it does not matter. */
  values: number;
}

/**
 * Looks over JSON without parsing it. Of bytes that are no JSON, any answer.
 * @param json UTF-8
 */
export const shapeOfJson = (json: Uint8Array): JsonShape => {
  let values = 0;
  let depth = 0;
  if (json.length <= SMALL) return { fault: undefined, values };
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === QUOTE) i = endOfString(json, i + 1);
    else if (byte === COMMA) values++;
    else if (byte === 0x5b || byte === 0x7b) {
      values++;
      if (++depth > MAX_JSON_DEPTH) return { fault: `is nested deeper than ${MAX_JSON_DEPTH}`, values };
    } else if (byte === 0x5d || byte === 0x7d) depth--;
    if (values > MAX_JSON_VALUES) return { fault: `has more than ${MAX_JSON_VALUES} values`, values };
  }
  return { fault: undefined, values };
};

/** Where the string that begins at `from`, after its quote, has its closing quote; or the end. */
const endOfString = (json: Uint8Array, from: number): number => {
  let i = from;
  while (i < json.length && json[i] !== QUOTE) i += json[i] === BACKSLASH ? 2 : 1;
  return i;
};
