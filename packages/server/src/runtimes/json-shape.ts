/** Objects and arrays within each other. Deeper JSON can overflow the stack of code that walks it. */
export const MAX_JSON_DEPTH = 500;

/** Values in one JSON text, nested ones too: a megabyte of `[],[],[]` costs as much as 20 MB of text. */
export const MAX_JSON_VALUES = 100_000;

/** A text of so few bytes is within both limits. */
const SMALL = 2 * MAX_JSON_DEPTH;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Depth and number of values of a JSON text. */
export interface JsonShape {
  /** The limit that is exceeded, as a predicate: `is nested deeper than 500`. */
  fault: string | undefined;
  /** About how many values it has; 0 for a small text. */
  values: number;
}

/** Measures UTF-8 JSON without parsing it; the result for other bytes means nothing. */
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

/** The index of a string's closing quote, or the end of the text. @param from the index after its opening quote */
const endOfString = (json: Uint8Array, from: number): number => {
  let i = from;
  while (i < json.length && json[i] !== QUOTE) i += json[i] === BACKSLASH ? 2 : 1;
  return i;
};
