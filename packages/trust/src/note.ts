import { decodeBase64 } from "./base64.ts";
import { isSignature, publicKeyOf, SIGNATURE_BYTES, signBytes } from "./ed25519.ts";
import { invalid, TrustError } from "./trust-error.ts";
import { type VerifierKey, verifierKey } from "./verifier-key.ts";

/** Bytes of a whole note, and its signature lines. */
export const MAX_NOTE_BYTES = 128 * 1024;
const MAX_SIGNATURES = 64;
const ID_BYTES = 4;

/** A signature line. Who made it is known only once it is verified. */
interface SignatureLine {
  name: string;
  /** Id of the key in hex. */
  id: string;
  signature: Buffer;
}

/** A signed note (C2SP signed-note), not verified. */
export interface Note {
  /** What is signed: lines, with the last line end. */
  text: string;
  signatures: readonly SignatureLine[];
}

const LINE = /^\u2014 ([^ +]{1,256}) ([A-Za-z0-9+/=]+)$/;

const signatureLine = (line: string): SignatureLine => {
  const [, name, encoded] = LINE.exec(line) ?? [];
  if (name === undefined || encoded === undefined)
    return invalid("a signature line is not of the form `\u2014 name base64`");
  const bytes = decodeBase64(encoded, "a signature");
  if (bytes.length <= ID_BYTES) return invalid("a signature is too short");
  return { name, id: bytes.subarray(0, ID_BYTES).toString("hex"), signature: bytes.subarray(ID_BYTES) };
};

/** Printable ASCII and line feeds. */
const TEXT = /^[ -~\n]*$/;

/** Reads a note's form. Nothing of it is trusted yet. @throws TrustError HEAD_INVALID */
export const parseNote = (bytes: Uint8Array): Note => {
  if (bytes.length > MAX_NOTE_BYTES) return invalid(`it has more than ${MAX_NOTE_BYTES} bytes`);
  const whole = Buffer.from(bytes).toString("utf8");
  const at = whole.lastIndexOf("\n\n");
  if (at < 0 || !whole.endsWith("\n")) return invalid("it is not a text, an empty line and signature lines");
  const text = whole.slice(0, at + 1);
  if (!TEXT.test(text)) return invalid("its text has other characters than printable ASCII and line feeds");
  const lines = whole.slice(at + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) return invalid(`it has more than ${MAX_SIGNATURES} signature lines`);
  return { text, signatures: lines.map(signatureLine) };
};

/**
 * The known keys that signed a note. Lines of other keys are ignored, and so are further lines of one key, as in Go's sumdb/note.
 * @throws TrustError SIGNATURE_UNKNOWN if the line of a known key does not verify, or none of them signed it
 */
export const verifyNote = ({ text, signatures }: Note, keys: readonly VerifierKey[]): VerifierKey[] => {
  const signedBy = keys.filter(({ name, id, bytes }) => {
    const line = signatures.find((one) => one.name === name && one.id === id);
    if (!line) return false;
    if (isSignature(bytes, Buffer.from(text, "latin1"), line.signature)) return true;
    throw new TrustError("SIGNATURE_UNKNOWN", "a signature of a known key does not fit the text");
  });
  if (signedBy.length > 0) return signedBy;
  throw new TrustError("SIGNATURE_UNKNOWN", "none of the keys that it names signed it");
};

/** The base64 of a signature line: the key's id and its signature of a text. */
export const signText = (text: string, name: string, seed: Uint8Array): string => {
  const { id } = verifierKey(name, publicKeyOf(seed));
  const signature = signBytes(seed, Buffer.from(text, "latin1"));
  return Buffer.concat([Buffer.from(id, "hex"), signature]).toString("base64");
};

/** A note of a text, signed by one key. */
export const signNote = (text: string, name: string, seed: Uint8Array): string =>
  `${text}\n\u2014 ${name} ${signText(text, name, seed)}\n`;

/** Whether the base64 of a signature line is a key's signature of a text. */
export const isSignedBy = (encoded: string, text: string, { id, bytes }: VerifierKey): boolean => {
  const signed = Buffer.from(encoded, "base64");
  return (
    signed.length === ID_BYTES + SIGNATURE_BYTES &&
    signed.subarray(0, ID_BYTES).toString("hex") === id &&
    isSignature(bytes, Buffer.from(text, "latin1"), signed.subarray(ID_BYTES))
  );
};
