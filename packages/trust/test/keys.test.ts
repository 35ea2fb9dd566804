import { expect, test } from "vitest";
import { isSignature, isUsablePoint, makeSeed, publicKeyOf, signBytes } from "../src/ed25519.ts";
import {
  fingerprintOf,
  seedOfWords,
  TrustError,
  verifierKey,
  WordsError,
  wordsOfSeed,
} from "../src/index.ts";
import { parseNote, verifyNote } from "../src/note.ts";
import { parseVerifierKey } from "../src/verifier-key.ts";
import { seedOf } from "./fixture.ts";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** A number in 32 bytes, least first. */
const bytesOf = (number: bigint): Buffer =>
  Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);

const text = Buffer.from("a text\n");

test.each([0n, 1n, P - 1n, P, P + 1n, 2n ** 255n - 1n, 2n ** 255n + 1n])(
  "the point %s is refused as a key",
  (y) => {
    expect(isUsablePoint(bytesOf(y))).toBe(false);
  },
);

test("a signature is the key's, and no other text's or key's", () => {
  const [seed, other] = [makeSeed(), makeSeed()];
  const signature = signBytes(seed, text);
  expect(isSignature(publicKeyOf(seed), text, signature)).toBe(true);
  expect(isSignature(publicKeyOf(other), text, signature)).toBe(false);
  expect(isSignature(publicKeyOf(seed), Buffer.from("another\n"), signature)).toBe(false);
});

test("the same signature with a larger S is refused", () => {
  const seed = seedOf("any");
  const signature = signBytes(seed, text);
  const larger = bytesOf(numberOf(signature.subarray(32)) + L);
  expect(isSignature(publicKeyOf(seed), text, Buffer.concat([signature.subarray(0, 32), larger]))).toBe(
    false,
  );
});

test("a key of small order, whose signature fits many texts, is refused", () => {
  const one = bytesOf(1n);
  expect(isSignature(one, text, Buffer.concat([one, Buffer.alloc(32)]))).toBe(false);
});

test("a note and key that another program made, Go's sumdb/note, are read and verified", () => {
  const key = parseVerifierKey(
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "PeterNeumann",
  );
  const note = [
    "If you think cryptography is the answer to your problem,",
    "then you don't know what your problem is.",
    "",
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
    "",
  ].join("\n");
  expect(verifyNote(parseNote(Buffer.from(note)), [key])).toEqual([key]);
  expect(() => verifyNote(parseNote(Buffer.from(note.replace("think", "thank"))), [key])).toThrow(TrustError);
});

test("a seed is 24 words and the words are the seed", () => {
  // A vector of BIP-39: zeros.
  expect(wordsOfSeed(Buffer.alloc(32))).toBe(`${"abandon ".repeat(23)}art`);
  const seed = makeSeed();
  expect(seedOfWords(wordsOfSeed(seed))).toEqual(seed);
  const short = wordsOfSeed(seed)
    .split(" ")
    .map((word) => word.slice(0, 4));
  expect(seedOfWords(`  ${short.join("\n").toUpperCase()} `)).toEqual(seed);
});

test.each([
  ["too few", "abandon art", "these are 2 words, not 24"],
  ["an unknown one", `${"abandon ".repeat(22)}hitagi art`, "word 23 is not in the list"],
  ["two exchanged", `art ${"abandon ".repeat(22)}abandon`, /^the checksum is wrong/],
])("words are refused: %s", (_, words, reason) => {
  expect(() => seedOfWords(words)).toThrow(WordsError);
  expect(() => seedOfWords(words)).toThrow(reason);
});

test("a fingerprint is 64 hex digits, and 12 words of its beginning", () => {
  const { hex, words } = fingerprintOf(verifierKey("example.org/recovery", publicKeyOf(seedOf("any"))));
  expect(hex).toMatch(/^[0-9a-f]{64}$/);
  const first = wordsOfSeed(Buffer.from(hex, "hex")).split(" ").slice(0, 12).join(" ");
  expect(words).toBe(first);
});
