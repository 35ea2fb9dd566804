interface Base64 {
  fromBase64(text: string): Uint8Array<ArrayBuffer>;
  prototype: { toBase64(): string };
}
const base64 = Uint8Array as unknown as Base64;
const { fromBase64 } = base64;
const { toBase64 } = base64.prototype;
const { apply } = Reflect;

/** Bytes in a JSON message. */
export interface Encoded {
  base64: string;
}

export const encodeBytes = (bytes: Uint8Array): Encoded => ({ base64: apply(toBase64, bytes, []) });
export const decodeBytes = (encoded: Encoded): Uint8Array<ArrayBuffer> =>
  apply(fromBase64, Uint8Array, [encoded.base64]);

/** A file's text: UTF-8, or UTF-16 with a byte-order mark, in which some tools write ComicInfo.xml. */
export const decodeText = (bytes: Uint8Array): string => {
  const [first, second] = bytes;
  const utf16 =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "";
  return new TextDecoder(utf16 || "utf-8").decode(bytes);
};
