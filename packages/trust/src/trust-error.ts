/** Why a head, or what it signs, is not trusted. A code is never given another meaning. */
export type TrustCode =
  | "HEAD_INVALID"
  | "SIGNATURE_MISSING"
  | "ORIGIN_CHANGED"
  | "RECOVERY_KEY_CHANGED"
  | "KEYS_NOT_CERTIFIED"
  | "SIGNATURE_UNKNOWN"
  | "KEYS_FORKED"
  | "HEAD_FORKED"
  | "REGISTRY_BEHIND"
  | "HEAD_ROLLED_BACK"
  | "INDEX_MISMATCH"
  | "VERSION_CHANGED"
  | "VERSION_REMOVED";

/** A refusal. The reason is our own text: no word of a head is in it before the head's signatures hold. */
export class TrustError extends Error {
  override name = "TrustError";
  readonly code: TrustCode;
  constructor(code: TrustCode, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** @throws TrustError HEAD_INVALID */
export const invalid = (reason: string): never => {
  throw new TrustError("HEAD_INVALID", reason);
};
