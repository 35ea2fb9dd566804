import { createHash } from "node:crypto";
import { decodeBase64 } from "./base64.ts";
import { isUsablePoint, KEY_BYTES } from "./ed25519.ts";
import { invalid } from "./trust-error.ts";

/** The type of an Ed25519 key in a note (C2SP signed-note). */
const ED25519 = 0x01;
const ID_BYTES = 4;

/** A public key with its name. Trust goes by its bytes; name and id only say which line of a note to verify. */
export interface VerifierKey {
  name: string;
  /** The first 4 bytes of SHA-256 of name, line feed, type and key, in small hex. */
  id: string;
  bytes: Buffer;
  /** Its text: `<name>+<id>+<base64 of type and key>`. */
  text: string;
}

/** The key of a name and 32 bytes. */
export const verifierKey = (name: string, bytes: Buffer): VerifierKey => {
  const typed = Buffer.concat([Buffer.of(ED25519), bytes]);
  const hash = createHash("sha256").update(`${name}\n`, "latin1").update(typed).digest("hex");
  const id = hash.slice(0, 2 * ID_BYTES);
  return { name, id, bytes, text: `${name}+${id}+${typed.toString("base64")}` };
};

/** Reads a key's text, whose name must be the given one. The id is computed, not believed. @throws TrustError HEAD_INVALID */
export const parseVerifierKey = (text: string, name: string): VerifierKey => {
  const start = `${name}+`;
  if (!text.startsWith(start)) return invalid("the name of a key is not that of its place");
  const typed = decodeBase64(text.slice(start.length + 2 * ID_BYTES + 1), "a key");
  const bytes = typed.subarray(1);
  if (typed[0] !== ED25519 || bytes.length !== KEY_BYTES) return invalid("a key is not an Ed25519 key");
  if (!isUsablePoint(bytes)) return invalid("a key is of small order or not canonical");
  const key = verifierKey(name, bytes);
  return key.text === text ? key : invalid("the id of a key is not that of its bytes");
};
