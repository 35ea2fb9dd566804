import { isUtf8 } from "node:buffer";
import { decodeAs, latin1 } from "./decode-as.ts";
import { encodingOfText } from "./encoding-detection.ts";

const byteOrderMarks: readonly (readonly [bytes: readonly number[], label: string])[] = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/** UTF-16 by its mark, or by the zero byte beside an ASCII character at the beginning (XML 1.0, appendix F). */
const unicodeLabel = (bytes: Uint8Array): string | undefined => {
  const marked = byteOrderMarks.find(([mark]) => mark.every((byte, n) => bytes[n] === byte));
  if (marked) return marked[1];
  const [first, second] = bytes;
  if (first !== 0 && second === 0) return "utf-16le";
  return first === 0 && second !== 0 && bytes.length > 1 ? "utf-16be" : undefined;
};

const DECLARATION = /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]{1,40})["']/;

/** The encoding that an XML declaration names. One of 16 bits cannot be right, because the declaration was read as bytes. */
const declaredLabel = (bytes: Uint8Array): string | undefined => {
  const label = DECLARATION.exec(latin1(bytes.subarray(0, 256)))?.[1];
  return label === undefined || /^(utf-?16|ucs-?2|utf-?32|iso-10646)/i.test(label) ? undefined : label;
};

/** Control characters, and bytes that windows-1252 leaves open. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const NO_WESTERN_TEXT = /[\x00-\x08\x0e-\x1a\x1c-\x1f\x81\x8d\x8f\x90\x9d]/;

/**
 * A text file's text without its byte-order mark. In this order: a byte-order mark, UTF-16 without one, the encoding of an XML
 * declaration, UTF-8, and what the bytes look like.
 * @returns undefined where the bytes fit none; never a text with replacement characters for bytes
 */
export const decodeText = async (bytes: Uint8Array): Promise<string | undefined> => {
  const unicode = unicodeLabel(bytes);
  if (unicode !== undefined) return decodeAs(bytes, unicode);
  const declared = declaredLabel(bytes);
  const text = declared === undefined ? undefined : decodeAs(bytes, declared);
  if (text !== undefined) return text;
  if (isUtf8(bytes)) return decodeAs(bytes, "utf-8");
  const detected = await encodingOfText(bytes);
  if (detected !== undefined) return decodeAs(bytes, detected);
  return NO_WESTERN_TEXT.test(latin1(bytes)) ? undefined : decodeAs(bytes, "windows-1252");
};
