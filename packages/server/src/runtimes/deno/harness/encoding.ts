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
