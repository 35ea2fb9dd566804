import { type CertifiedKeys, certifiedText, type ReadHead, readHead } from "./head.ts";
import { isSignedBy, verifyNote } from "./note.ts";
import { TrustError } from "./trust-error.ts";

/** A head whose signatures hold: the recovery key certified its keys, and one of them signed it. */
export type VerifiedHead = ReadHead & { readonly verified: true };

/** Verifies that the recovery key certified the keys and the address. @throws TrustError KEYS_NOT_CERTIFIED */
export const verifyKeys = (keys: CertifiedKeys): void => {
  if (isSignedBy(keys.certified, certifiedText(keys), keys.recovery)) return;
  throw new TrustError("KEYS_NOT_CERTIFIED", "its recovery key did not certify its keys and address");
};

/**
 * Reads a head and verifies what it says of itself. Whether its recovery key is the right one is for {@link judgeHead}.
 * @throws TrustError HEAD_INVALID, KEYS_NOT_CERTIFIED, SIGNATURE_UNKNOWN
 */
export const verifyHead = (bytes: Uint8Array): VerifiedHead => {
  // The clauses of docs/spec-head.md, "Verifying one head": 1, 2 and 3.
  const head = readHead(bytes);
  verifyKeys(head);
  verifyNote(head.note, head.signing);
  return { ...head, verified: true };
};
