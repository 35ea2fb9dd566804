/** The bytes as characters of the same numbers. */
export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** The characters of windows-1252 from 0x80 to 0x9F. Node decodes these bytes as ISO-8859-1. */
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** The text, or undefined where the bytes are not in that encoding or no such encoding is known. */
export const decodeAs = (bytes: Uint8Array, label: string): string | undefined => {
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    const text = decoder.decode(bytes);
    if (decoder.encoding !== "windows-1252") return text;
    return text.replace(/[\u0080-\u009f]/g, (c) => WINDOWS_1252[c.charCodeAt(0) - 0x80] ?? c);
  } catch {
    return undefined;
  }
};
