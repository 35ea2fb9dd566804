import { HitagiError } from "@hitagi/contract";

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** An index without a byte-order mark. */
export const withoutMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, BOM.length).equals(BOM) ? bytes.subarray(BOM.length) : bytes;

/** Where a text stops being JSON, in words. */
const syntaxReason = (text: string): string => {
  try {
    JSON.parse(text);
    return "is not JSON";
  } catch (error) {
    // The place is told in no other way than in the message; without it the fault is still named.
    const position = /at position (\d+)/.exec(String(error))?.[1];
    if (position === undefined) return "is not JSON: it ends too early";
    const before = text.slice(0, Number(position)).split("\n");
    return `is not JSON at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  }
};

/** What keeps an index from being looked at any further. */
export const unreadable = (reason: string) => new HitagiError("INDEX_INVALID", { path: "/", reason });

/**
 * Parses a part of an index.
 * @param whole the index, to tell the place of what is not JSON
 * @throws HitagiError INDEX_INVALID
 */
export const parsePart = (part: string, whole: string): unknown => {
  try {
    return JSON.parse(part);
  } catch {
    throw unreadable(syntaxReason(whole));
  }
};

/** A document made of pieces, with where each entry came to stand in it, in bytes. */
export interface Composed {
  document: Buffer;
  places: { start: number; length: number }[];
}

/** registry.json as it would be sent, made of its entries. */
export const composeIndex = (
  generated_at: string,
  entries: readonly { namespace: string; entry: string }[],
): Composed => {
  const pieces = [`{"version":1,"generated_at":${JSON.stringify(generated_at)},"plugins":{`];
  let end = Buffer.byteLength(pieces[0] ?? "");
  const places = entries.map(({ namespace, entry }, n) => {
    const key = `${n === 0 ? "" : ","}${JSON.stringify(namespace)}:`;
    pieces.push(key, entry);
    const place = { start: end + Buffer.byteLength(key), length: Buffer.byteLength(entry) };
    end = place.start + place.length;
    return place;
  });
  return { document: Buffer.from(`${pieces.join("")}}}`), places };
};

/** Where parts of a text stand in its UTF-8 form, in bytes; the parts are in their order and do not overlap. */
export const bytePlaces = (
  text: string,
  bytes: number,
  parts: readonly { start: number; end: number }[],
): Composed["places"] => {
  if (text.length === bytes) return parts.map(({ start, end }) => ({ start, length: end - start }));
  let [chars, at] = [0, 0];
  return parts.map(({ start, end }) => {
    const from = at + Buffer.byteLength(text.slice(chars, start));
    const length = Buffer.byteLength(text.slice(start, end));
    [chars, at] = [end, from + length];
    return { start: from, length };
  });
};
