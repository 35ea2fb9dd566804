import { isUtf8 } from "node:buffer";

/**
 * The text of a header that undici gives as one character for each byte. Sites send addresses and file names as UTF-8,
 * which browsers understand; other bytes stay Latin-1.
 */
export const headerText = (value: string): string => {
  const bytes = Buffer.from(value, "latin1");
  const hasOnlyBytes = bytes.toString("latin1") === value;
  return hasOnlyBytes && isUtf8(bytes) ? bytes.toString("utf8") : value;
};
