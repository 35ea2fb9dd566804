import { hash, randomBytes, timingSafeEqual } from "node:crypto";

/** The prefix lets people and secret scanners recognise a key; the id names it. */
const KEY = /^hitagi_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

/** Generates a key of 256 random bits with a public id. */
export const makeKey = (): { id: string; key: string } => {
  const id = randomBytes(8).toString("hex");
  return { id, key: `hitagi_${id}_${randomBytes(32).toString("base64url")}` };
};

/** The public id in a text that has the form of a key; undefined for any other text. */
export const keyId = (text: string): string | undefined => KEY.exec(text)?.[1];

/** SHA-256. */
export const digestOf = (text: string): Buffer => hash("sha256", text, "buffer");

/** What the store keeps of a key: its SHA-256 in hex. */
export const hashKey = (key: string): string => digestOf(key).toString("hex");

/** Whether a text is the key of a hash. Takes constant time. */
export const isKeyOf = (text: string, hashed: string): boolean =>
  timingSafeEqual(digestOf(text), Buffer.from(hashed, "hex"));
