import type { ByteSource } from "./reader-protocol.ts";

const SIGNATURE_HEADER = 32;
/** The property id of a header that is itself packed (7zFormat.txt, "EncodedHeader"). */
const ENCODED_HEADER = 0x17;
/** The id of the method 7zAES. */
const AES = Buffer.from([0x06, 0xf1, 0x07, 0x01]);
/** Bytes of an encoded header's description. It names a few methods. */
const MAX_DESCRIPTION = 64 * 1024;

const readAt = (source: ByteSource, position: number, size: number): Buffer => {
  const into = Buffer.alloc(size);
  return into.subarray(0, source.read(into, position));
};

/** Whether the names of a 7z's files are encrypted (7zFormat.txt, "SignatureHeader"). 7-Zip then fails in one of several ways. */
export const hasEncryptedNames = (source: ByteSource): boolean => {
  const start = readAt(source, 0, Math.min(SIGNATURE_HEADER, source.size));
  if (start.length < SIGNATURE_HEADER) return false;
  const position = Number(start.readBigUInt64LE(12)) + SIGNATURE_HEADER;
  const size = Number(start.readBigUInt64LE(20));
  if (size > MAX_DESCRIPTION || position + size > source.size) return false;
  const header = readAt(source, position, size);
  return header[0] === ENCODED_HEADER && header.includes(AES);
};
