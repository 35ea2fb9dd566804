import { createHmac, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { digestOf } from "./key-text.ts";

/** Characters of a key that cannot be guessed. Shorter ones were chosen by a person, and are stretched. */
const UNGUESSABLE = 32;
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const stretch = promisify<string, string, number, typeof COST, Buffer>(scrypt);

/** A salt for the proofs of a key; null for a key that needs none. */
export const saltFor = (key: string): string | null =>
  key.length < UNGUESSABLE ? randomBytes(16).toString("hex") : null;

/**
 * What proofs of a key are made with. A proof may be read by anyone, so guessing a short key by it must be slow: scrypt
 * (RFC 7914) takes some 60 ms.
 */
export const proofSecret = async (key: string, salt: string | null): Promise<Buffer> =>
  salt === null ? digestOf(key) : await stretch(key, salt, 32, COST);

/** Proves that a server has a key, without the key: an HMAC-SHA-256 over the client's nonce, in hex. */
export const proofOf = (secret: Buffer, nonce: string): string =>
  createHmac("sha256", secret).update(`hitagi server proof 1\n${nonce}`).digest("hex");

/** An unguessable text for a job, beside its number that everybody can guess. */
export const jobTokenOf = (secret: Buffer, job: number): string =>
  createHmac("sha256", secret).update(`hitagi job 1\n${job}`).digest("base64url");

/**
 * What the store keeps of a session: its secret, which only the browser has, bound to the key. With another key the session ends.
 * The secret has 256 random bits, so that a reader of the store can guess neither it nor a short key.
 */
export const sessionProofOf = (keyDigest: Buffer, secret: string): string =>
  createHmac("sha256", keyDigest).update(`hitagi session 1\n${secret}`).digest("hex");

/** Whether two proofs or tokens are equal. Takes constant time. */
export const isProof = (text: string, expected: string): boolean =>
  timingSafeEqual(digestOf(text), digestOf(expected));
