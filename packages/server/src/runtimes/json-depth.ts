/** Objects and arrays within each other; deeper JSON overflows the stack of whoever walks it later. */
export const MAX_JSON_DEPTH = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether JSON is nested deeper than {@link MAX_JSON_DEPTH}, found without parsing it. Of bytes that are no JSON,
 * either answer.
 * @param json UTF-8
 */
export const isTooDeep = (json: Uint8Array): boolean => {
  // What is too short to be too deep need not be looked through.
  if (json.length <= 2 * MAX_JSON_DEPTH) return false;
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === QUOTE) i = endOfString(json, i + 1);
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > MAX_JSON_DEPTH) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
};

/** Where the string that begins at `from`, after its quote, has its closing quote; or the end. */
const endOfString = (json: Uint8Array, from: number): number => {
  let i = from;
  while (i < json.length && json[i] !== QUOTE) i += json[i] === BACKSLASH ? 2 : 1;
  return i;
};
