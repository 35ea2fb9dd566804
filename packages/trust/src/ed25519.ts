import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";

/** Bytes of a public key, of a secret seed, and of a signature (RFC 8032 §5.1). */
export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** The prime of the field, and the order of the base point. */
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** ASN.1 of a seed and of a public key, before their bytes (RFC 8410 §7 and §4). */
const SEED = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC = Buffer.from("302a300506032b6570032100", "hex");

/** The y-coordinate of points of order 8. */
const Y8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/** The y-coordinates of all points whose order divides 8. A signature by such a key fits many texts. */
const SMALL_ORDER = new Set([0n, 1n, P - 1n, Y8, P - Y8]);

const littleEndian = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString("hex") || "0"}`);

/** Whether 32 bytes encode a point in the only way that is allowed, and one that is not of small order. */
export const isUsablePoint = (bytes: Uint8Array): boolean => {
  if (bytes.length !== KEY_BYTES) return false;
  const y = littleEndian(bytes) & (2n ** 255n - 1n);
  return y < P && !SMALL_ORDER.has(y);
};

/** Whether a signature is the public key's for these bytes. A signature in another than the canonical form is not. */
export const isSignature = (publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean => {
  if (signature.length !== SIGNATURE_BYTES || !isUsablePoint(publicKey)) return false;
  const [r, s] = [signature.subarray(0, KEY_BYTES), signature.subarray(KEY_BYTES)];
  if (!isUsablePoint(r) || littleEndian(s) >= L) return false;
  try {
    const key = createPublicKey({ key: Buffer.concat([PUBLIC, publicKey]), format: "der", type: "spki" });
    return verify(null, bytes, key, signature);
  } catch {
    // The bytes are no point of the curve.
    return false;
  }
};

const privateKey = (seed: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([SEED, seed]), format: "der", type: "pkcs8" });

/** A new secret seed of 32 bytes. */
export const makeSeed = (): Buffer =>
  generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" }).subarray(SEED.length);

/** The public key of a seed. */
export const publicKeyOf = (seed: Uint8Array): Buffer =>
  createPublicKey(privateKey(seed)).export({ format: "der", type: "spki" }).subarray(PUBLIC.length);

/** The signature of some bytes by a seed. */
export const signBytes = (seed: Uint8Array, bytes: Uint8Array): Buffer => sign(null, bytes, privateKey(seed));
