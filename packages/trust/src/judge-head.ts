import { certifiedText } from "./head.ts";
import { type TrustCode, TrustError } from "./trust-error.ts";
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

/** What a head is where a rule applies to it: accepted, or refused with a code and the reason. */
type Outcome =
  | { accepts: Succession }
  | { refuses: TrustCode; because: (head: VerifiedHead, accepted: VerifiedHead) => string };

/** @property clause the row of the table in docs/spec-head.md, "Following a registry" */
type Rule = { clause: number; applies: (head: VerifiedHead, accepted: VerifiedHead) => boolean } & Outcome;

/** The hash that a head has for one before it; undefined where it does not name it. */
const named = ({ previous }: VerifiedHead, sequence: number): string | undefined =>
  previous.find((one) => one.sequence === sequence)?.sha256;

/** The rules by which a head follows the accepted one, in this order. The first that applies decides, and the last one always does. */
export const rules: readonly Rule[] = [
  {
    clause: 1,
    applies: (head, accepted) => head.origin !== accepted.origin,
    refuses: "ORIGIN_CHANGED",
    because: (head, accepted) => `it is of ${head.origin}, not of ${accepted.origin}`,
  },
  {
    clause: 2,
    applies: (head, accepted) => !head.recovery.bytes.equals(accepted.recovery.bytes),
    refuses: "RECOVERY_KEY_CHANGED",
    because: () => "its recovery key is not the one that was accepted",
  },
  {
    clause: 3,
    applies: (head, accepted) => head.epoch < accepted.epoch,
    refuses: "HEAD_ROLLED_BACK",
    because: (head, accepted) => `it is of epoch ${head.epoch}, before epoch ${accepted.epoch}`,
  },
  { clause: 4, applies: (head, accepted) => head.epoch > accepted.epoch, accepts: "new-epoch" },
  {
    clause: 5,
    applies: (head, accepted) => certifiedText(head) !== certifiedText(accepted),
    refuses: "KEYS_FORKED",
    because: (head) => `it has other keys or another address in the same epoch ${head.epoch}`,
  },
  { clause: 6, applies: (head, accepted) => head.sha256 === accepted.sha256, accepts: "same" },
  {
    clause: 7,
    applies: (head, accepted) => head.sequence === accepted.sequence,
    refuses: "HEAD_FORKED",
    because: (_, accepted) => `it is another head ${accepted.sequence} than the accepted one`,
  },
  {
    clause: 8,
    applies: (head, accepted) => named(accepted, head.sequence) === head.sha256,
    refuses: "REGISTRY_BEHIND",
    because: (head, accepted) => `it is head ${head.sequence}, and head ${accepted.sequence} was accepted`,
  },
  {
    clause: 9,
    applies: (head, accepted) => named(accepted, head.sequence) !== undefined,
    refuses: "HEAD_FORKED",
    because: (head) => `it is another head ${head.sequence} than the one before the accepted one`,
  },
  {
    clause: 10,
    applies: (head, accepted) => head.sequence < accepted.sequence,
    refuses: "HEAD_ROLLED_BACK",
    because: (head, accepted) => `it is head ${head.sequence}, before head ${accepted.sequence}`,
  },
  {
    clause: 11,
    applies: (head, accepted) => named(head, accepted.sequence) === accepted.sha256,
    accepts: "linked",
  },
  {
    clause: 12,
    applies: (head, accepted) => named(head, accepted.sequence) !== undefined,
    refuses: "HEAD_FORKED",
    because: (_, accepted) => `it follows another head ${accepted.sequence} than the accepted one`,
  },
  { clause: 13, applies: () => true, accepts: "not-linked" },
];

/**
 * Judges a head by the accepted one of the same registry.
 * @param accepted undefined at first contact, where the caller pins origin and recovery key
 * @throws TrustError ORIGIN_CHANGED, RECOVERY_KEY_CHANGED, KEYS_FORKED, HEAD_FORKED, REGISTRY_BEHIND, HEAD_ROLLED_BACK
 */
export const judgeHead = (head: VerifiedHead, accepted: VerifiedHead | undefined): Succession => {
  if (!accepted) return "first";
  const rule = rules.find(({ applies }) => applies(head, accepted)) as Rule;
  if ("accepts" in rule) return rule.accepts;
  throw new TrustError(rule.refuses, rule.because(head, accepted));
};
