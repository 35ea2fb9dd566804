import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

/** scrypt (RFC 7914) with 128 MiB, as OWASP recommends it for passphrases. */
const LOG2_N = 17;
const R = 8;
const P = 1;
const SALT_BYTES = 16;

/** AES-256-GCM (NIST SP 800-38D). */
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const derive = (passphrase: string, salt: Buffer): Buffer =>
  scryptSync(passphrase.normalize("NFC"), salt, KEY_BYTES, {
    ...{ N: 2 ** LOG2_N, r: R, p: P },
    maxmem: 2 * 128 * R * 2 ** LOG2_N,
  });

const KIND = `scrypt-${LOG2_N}-${R}-${P}-${CIPHER}`;

/**
 * Encrypts a secret with a passphrase.
 * @param context is not secret, and cannot be changed without the passphrase
 * @returns words: the kind, the salt, the nonce, and the encrypted bytes with their tag, the last three in base64
 */
export const encryptSecret = (secret: Buffer, passphrase: string, context: string): string => {
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const cipher = createCipheriv(CIPHER, derive(passphrase, salt), nonce).setAAD(Buffer.from(context));
  const encrypted = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return [KIND, ...[salt, nonce, encrypted].map((bytes) => bytes.toString("base64"))].join(" ");
};

/** Whether a text is one of {@link encryptSecret}. */
export const isEncrypted = (text: string): boolean => text.startsWith(`${KIND} `);

/** @returns undefined if the passphrase is another one, or the text or its context was changed */
export const decryptSecret = (text: string, passphrase: string, context: string): Buffer | undefined => {
  const [, ...words] = text.split(" ");
  const [salt, nonce, encrypted] = words.map((word) => Buffer.from(word, "base64"));
  if (!salt || nonce?.length !== NONCE_BYTES || !encrypted || encrypted.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, derive(passphrase, salt), nonce)
    .setAAD(Buffer.from(context))
    .setAuthTag(encrypted.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(encrypted.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
};
