/** The file's bytes as a text with one character for each byte, so that patterns find places in it. */
export const bytesAsText = (bytes: Uint8Array): string => {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join("");
};

const textAsBytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** The characters of a literal string from its first parenthesis on (ISO 32000-1, 7.3.4.2). */
const literalString = (text: string, start: number): string => {
  let result = "";
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === "\\") {
      const [sequence = "", octal] = /^\\(?:([0-7]{1,3})|\r\n|[\s\S])/.exec(text.slice(at, at + 4)) ?? [];
      const plain = sequence.slice(1);
      if (octal !== undefined) result += String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      else if (!/^[\r\n]/.test(plain)) result += ESCAPES[plain] ?? plain;
      at += Math.max(1, sequence.length) - 1;
      continue;
    }
    if (character === ")" && --depth === 0) return result;
    if (character !== "(" || depth++ > 0) result += character;
  }
  return result;
};

const hexString = (digits: string): string => {
  const plain = digits.replace(/\s+/g, "");
  const pairs = plain.length % 2 === 0 ? plain : `${plain}0`;
  return pairs.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
};

/** A text string: UTF-16 or UTF-8 with a byte-order mark, else one byte a character (ISO 32000-2, 7.9.2.2). */
const decodeText = (bytes: string): string => {
  if (bytes.startsWith("\xfe\xff")) return new TextDecoder("utf-16be").decode(textAsBytes(bytes));
  if (bytes.startsWith("\xff\xfe")) return new TextDecoder("utf-16le").decode(textAsBytes(bytes));
  if (bytes.startsWith("\xef\xbb\xbf")) return new TextDecoder().decode(textAsBytes(bytes));
  return bytes;
};

/** A text of a dictionary by its key, such as `Title`; "" if there is none. */
export const stringAt = (dictionary: string, key: string): string => {
  const match = new RegExp(`/${key}\\s*(?:(\\()|<([\\da-fA-F\\s]*)>)`).exec(dictionary);
  if (!match) return "";
  const [whole, isLiteral, hex = ""] = match;
  const bytes = isLiteral ? literalString(dictionary, match.index + whole.length - 1) : hexString(hex);
  return decodeText(bytes).trim();
};

const inflate = async (data: string): Promise<string> => {
  const stream = new Blob([textAsBytes(data)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return bytesAsText(new Uint8Array(await new Response(stream).arrayBuffer()));
};

/** An object that lies in a compressed object stream (ISO 32000-1, 7.5.7); undefined if none of them has it. */
const compressedObject = async (file: string, id: string): Promise<string | undefined> => {
  for (const { index } of file.matchAll(/\/Type\s*\/ObjStm\b/g)) {
    const header = file.slice(file.lastIndexOf(" obj", index), file.indexOf("stream", index));
    const begin = file.indexOf("stream", index) + "stream".length;
    const start = begin + (/^\r?\n/.exec(file.slice(begin, begin + 2))?.[0].length ?? 0);
    const [, length] = /\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(header) ?? [];
    const end = length === undefined ? file.indexOf("endstream", start) : start + Number(length);
    const [, first = "0"] = /\/First\s+(\d+)/.exec(header) ?? [];
    // One that is damaged, or packed in another way, is not the one that is looked for.
    const data = await inflate(file.slice(start, end)).catch(() => "");
    const numbers = data.slice(0, Number(first)).trim().split(/\s+/);
    const at = numbers.findIndex((number, i) => i % 2 === 0 && number === id);
    if (at >= 0) return data.slice(Number(first) + Number(numbers[at + 1]));
  }
  return undefined;
};

/**
 * The text of the document information dictionary, from its beginning on.
 * @param file one character for each byte; the first and the last part are enough
 * @returns undefined if the file has none, or it lies elsewhere
 */
export const infoDictionary = async (file: string): Promise<string | undefined> => {
  const id = [...file.matchAll(/\/Info\s+(\d+)\s+\d+\s+R/g)].at(-1)?.[1];
  if (id === undefined) return undefined;
  const plain = [...file.matchAll(new RegExp(`(?:^|\\s)${id}\\s+\\d+\\s+obj\\b`, "g"))].at(-1);
  if (!plain) return compressedObject(file, id);
  const end = file.indexOf("endobj", plain.index);
  return file.slice(plain.index, end < 0 ? undefined : end);
};
