import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A key: its beginning tells people and secret scanners what it is, its id which one it is. */
const KEY = /^hitagi_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

/** Makes a key of 256 random bits with a public id. */
export const makeKey = (): { id: string; key: string } => {
  const id = randomBytes(8).toString("hex");
  return { id, key: `hitagi_${id}_${randomBytes(32).toString("base64url")}` };
};

/** The public id in a text that has the form of a key; undefined for any other text. */
export const keyId = (text: string): string | undefined => KEY.exec(text)?.[1];

const digest = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();

/** What is kept of a key: its SHA-256 in hex. */
export const hashKey = (key: string): string => digest(key).toString("hex");

/** Whether a text is the key of a hash, in a time that says nothing of either. */
export const isKeyOf = (text: string, hash: string): boolean =>
  timingSafeEqual(digest(text), Buffer.from(hash, "hex"));
