import { createHash } from "node:crypto";
import { englishWords } from "./english-words.ts";
import type { VerifierKey } from "./verifier-key.ts";

const BITS = 11;
const FINGERPRINT_WORDS = 12;
/** 256 bits of a seed and 8 of a checksum (BIP-39). */
const SEED_WORDS = 24;

const sha256 = (bytes: string | Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

const bitsOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");

const wordsOf = (bits: string, count: number): string =>
  Array.from(
    { length: count },
    (_, n) => englishWords[Number.parseInt(bits.slice(n * BITS, (n + 1) * BITS), 2)],
  ).join(" ");

/** What identifies a registry for people: SHA-256 of its recovery key's text, and the first 132 bits of it as 12 words. */
export const fingerprintOf = ({ text }: VerifierKey): { hex: string; words: string } => {
  const hex = sha256(text).toString("hex");
  return { hex, words: wordsOfFingerprint(hex) };
};

/** The first 132 bits of a fingerprint, 64 hex digits, as 12 words. */
export const wordsOfFingerprint = (hex: string): string =>
  wordsOf(bitsOf(Buffer.from(hex, "hex")), FINGERPRINT_WORDS);

/** A seed as 24 words with a checksum, to be kept on paper (BIP-39). */
export const wordsOfSeed = (seed: Uint8Array): string =>
  wordsOf(bitsOf(seed) + bitsOf(sha256(seed).subarray(0, 1)), SEED_WORDS);

/** What is wrong with words that are no seed. */
export class WordsError extends Error {
  override name = "WordsError";
}

/**
 * The seed of 24 words. Case and space do not count, and the first four letters of a word are enough.
 * @throws WordsError with the place of a word that is unknown, or for a wrong checksum
 */
export const seedOfWords = (words: string): Buffer => {
  const given = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (given.length !== SEED_WORDS) throw new WordsError(`these are ${given.length} words, not ${SEED_WORDS}`);
  const bits = given.map((word, n) => {
    const index = englishWords.findIndex(
      (one) => one === word || (word.length === 4 && one.startsWith(word)),
    );
    if (index < 0) throw new WordsError(`word ${n + 1} is not in the list`);
    return index.toString(2).padStart(BITS, "0");
  });
  const bytes = Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const seed = bytes.subarray(0, -1);
  if (sha256(seed)[0] === bytes.at(-1)) return seed;
  throw new WordsError(
    "the checksum is wrong: two words may be exchanged, or one is another word of the list",
  );
};
