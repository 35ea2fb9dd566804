import { certifiedText } from "./head.ts";
import { TrustError } from "./trust-error.ts";
import type { VerifiedHead } from "./verify-head.ts";

/** How a head that may be accepted follows the accepted one. */
export type Succession =
  | "first"
  | "same"
  /** It names the accepted head among those before it. */
  | "linked"
  /** The accepted head is too far back to be named. */
  | "not-linked"
  /** The keeper began another epoch with the recovery key. */
  | "new-epoch";

/**
 * Judges a head by the accepted one of the same registry.
 * @param accepted undefined at first contact, where the caller pins origin and recovery key
 * @throws TrustError ORIGIN_CHANGED, RECOVERY_KEY_CHANGED, KEYS_FORKED, HEAD_FORKED, REGISTRY_BEHIND, HEAD_ROLLED_BACK
 */
export const judgeHead = (head: VerifiedHead, accepted: VerifiedHead | undefined): Succession => {
  if (!accepted) return "first";
  const refuse = (code: ConstructorParameters<typeof TrustError>[0], reason: string): never => {
    throw new TrustError(code, reason);
  };
  if (head.origin !== accepted.origin) {
    return refuse("ORIGIN_CHANGED", `it is of ${head.origin}, not of ${accepted.origin}`);
  }
  if (!head.recovery.bytes.equals(accepted.recovery.bytes)) {
    return refuse("RECOVERY_KEY_CHANGED", "its recovery key is not the one that was accepted");
  }
  if (head.epoch < accepted.epoch) {
    return refuse("HEAD_ROLLED_BACK", `it is of epoch ${head.epoch}, before epoch ${accepted.epoch}`);
  }
  if (head.epoch > accepted.epoch) return "new-epoch";
  if (certifiedText(head) !== certifiedText(accepted)) {
    return refuse("KEYS_FORKED", `it has other keys or another address in the same epoch ${head.epoch}`);
  }
  if (head.sequence === accepted.sequence) {
    if (head.sha256 === accepted.sha256) return "same";
    return refuse("HEAD_FORKED", `it is another head ${head.sequence} than the accepted one`);
  }
  if (head.sequence < accepted.sequence) {
    const known = accepted.previous.find(({ sequence }) => sequence === head.sequence);
    if (!known)
      return refuse("HEAD_ROLLED_BACK", `it is head ${head.sequence}, before head ${accepted.sequence}`);
    if (known.sha256 !== head.sha256) {
      return refuse(
        "HEAD_FORKED",
        `it is another head ${head.sequence} than the one before the accepted one`,
      );
    }
    return refuse(
      "REGISTRY_BEHIND",
      `it is head ${head.sequence}, and head ${accepted.sequence} was accepted`,
    );
  }
  const link = head.previous.find(({ sequence }) => sequence === accepted.sequence);
  if (!link) return "not-linked";
  if (link.sha256 === accepted.sha256) return "linked";
  return refuse("HEAD_FORKED", `it follows another head ${accepted.sequence} than the accepted one`);
};
