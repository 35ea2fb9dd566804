import { isUtf8 } from "node:buffer";

/**
 * An encoding that is looked for: its name for jschardet, and its label for TextDecoder. What the WHATWG Encoding Standard calls
 * windows-1252 is also its ISO-8859-1.
 */
type Candidate = readonly [detected: string, label: string];

/** The candidates, and the name for bytes that fit none of them. */
interface Candidates {
  among: readonly Candidate[];
  none: string;
}

const EAST_ASIAN: readonly Candidate[] = [
  ["cp932", "shift_jis"],
  ["gb18030", "gb18030"],
  ["cp949", "euc-kr"],
  ["big5hkscs", "big5"],
];
/** Encodings of text files. */
const OF_TEXT: Candidates = {
  among: [
    ...EAST_ASIAN,
    ["euc_jis_2004", "euc-jp"],
    ["cp1251", "windows-1251"],
    ["cp1252", "windows-1252"],
    ["ascii", ""],
  ],
  none: "ascii",
};
/** Encodings of names in archives. Western ones are looked for so that their names are not taken for others. */
const OF_NAMES: Candidates = {
  among: [...EAST_ASIAN, ["cp866", "ibm866"], ["cp437", ""], ["cp850", ""]],
  none: "cp437",
};

/** The detection reads this much. */
const MAX_DETECTED_BYTES = 64 * 1024;
/** Below this a guess says nothing. A single name of two Japanese characters has 0.01. */
const LEAST_CONFIDENCE = 0.005;

/** The label for TextDecoder, or undefined where no candidate fits. */
const detect = async (bytes: Uint8Array, { among, none }: Candidates): Promise<string | undefined> => {
  // Its models take 100 ms to load, and few archives need them.
  const { chardet } = await import("jschardet");
  const found = chardet.detect(bytes, {
    includeEncodings: among.map(([name]) => name),
    noMatchEncoding: none,
    emptyInputEncoding: none,
    compatNames: false,
    maxBytes: MAX_DETECTED_BYTES,
  });
  if (found.confidence < LEAST_CONFIDENCE) return undefined;
  return among.find(([name]) => name === found.encoding)?.[1] || undefined;
};

/** The characters of windows-1252 from 0x80 to 0x9F. Node decodes these bytes as ISO-8859-1. */
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** The text, or undefined where the bytes are not in that encoding or no such encoding is known. */
const decodeAs = (bytes: Uint8Array, label: string): string | undefined => {
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    const text = decoder.decode(bytes);
    if (decoder.encoding !== "windows-1252") return text;
    return text.replace(/[\u0080-\u009f]/g, (c) => WINDOWS_1252[c.charCodeAt(0) - 0x80] ?? c);
  } catch {
    return undefined;
  }
};

/** The encoding of names of archives that are not in UTF-8, as a label for TextDecoder; undefined for a Western one. */
export const encodingOfNames = (names: readonly Uint8Array[]): Promise<string | undefined> =>
  detect(Buffer.concat(names.flatMap((name) => [name, Buffer.from("\n")])), OF_NAMES);

/** A name in that encoding, or undefined if it is not. */
export const decodeName = decodeAs;

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
  const label = DECLARATION.exec(Buffer.from(bytes.subarray(0, 256)).toString("latin1"))?.[1];
  return label === undefined || /^(utf-?16|ucs-?2|utf-?32|iso-10646)/i.test(label) ? undefined : label;
};

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
  const detected = await detect(bytes, OF_TEXT);
  return detected === undefined ? undefined : decodeAs(bytes, detected);
};
