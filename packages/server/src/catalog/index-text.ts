import { HitagiError } from "@hitagi/contract";

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** The text of an index, without a byte-order mark. */
export const decodeIndex = (bytes: Buffer): string =>
  bytes.toString("utf8", bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0);

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

/** registry.json as it would be sent, made of its entries. */
export const composeIndex = (
  generated_at: string,
  entries: Iterable<{ namespace: string; entry: string }>,
): string => {
  const plugins = Array.from(entries, ({ namespace, entry }) => `${JSON.stringify(namespace)}:${entry}`);
  return `{"version":1,"generated_at":${JSON.stringify(generated_at)},"plugins":{${plugins.join(",")}}}`;
};
