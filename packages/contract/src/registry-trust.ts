import { type Static, Type } from "typebox";
import { Epoch, Nullable } from "./scalars.ts";

/** SHA-256 of a registry's recovery key in hex. */
export const Fingerprint = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description: "The fingerprint of a registry's recovery key: 64 hex digits.",
});

/** What identifies a signed registry (docs/spec-head.md). */
export const RegistryIdentity = Type.Object({
  /** The registry's own name, such as `example.org/plugins`. */
  origin: Type.String(),
  fingerprint: Fingerprint,
  /** The first 132 bits of the fingerprint as 12 words, for people who compare. */
  words: Type.String(),
});
export type RegistryIdentity = Static<typeof RegistryIdentity>;

export const trustWarnings = [
  "HEAD_IN_FUTURE",
  "HEAD_TIME_WENT_BACK",
  "RENEWAL_OVERDUE",
  "HEAD_NOT_LINKED",
  "PIN_PROVISIONAL",
  "REGISTRY_MOVED",
  "EPOCH_NEW",
] as const;

/** What the owner should know about a head that is accepted nevertheless. */
export const TrustWarning = Type.Object({ code: Type.Enum([...trustWarnings]), text: Type.String() });
export type TrustWarning = Static<typeof TrustWarning>;

/** The accepted head of a registry, and the keys that it is pinned to. */
export const RegistryTrust = Type.Object({
  /**
   * `unsigned`: it has no head. `pinned`: its key was given or kept, and no head is accepted yet. `provisional`: it began to sign, and
   * other keys are taken until `provisionalUntil`. `signed`: no other recovery key is taken without the owner's word.
   */
  state: Type.Enum(["unsigned", "pinned", "provisional", "signed"]),
  /** Absent where it is unsigned; `origin` and `words` also where only a key is pinned. */
  origin: Type.Optional(Type.String()),
  fingerprint: Type.Optional(Fingerprint),
  words: Type.Optional(Type.String()),
  provisionalUntil: Type.Optional(Epoch),
  /** Of the accepted head. */
  epoch: Type.Optional(Type.Integer({ minimum: 1 })),
  sequence: Type.Optional(Type.Integer({ minimum: 1 })),
  /** When the keeper signed it, by the keeper's clock. */
  signed: Type.Optional(Epoch),
  /** When this server accepted it, and when it accepted the first head of its epoch. */
  accepted: Type.Optional(Epoch),
  epochSince: Type.Optional(Epoch),
  /** Until when automatic updates take nothing from it, because its keeper began a new epoch; absent where they do not wait. */
  updatesWaitUntil: Type.Optional(Epoch),
  /** Until when the keeper promises another head. */
  renew: Type.Optional(Epoch),
  /** The address where the keeper says that the registry is now, which the owner has neither followed nor declined. */
  movedTo: Type.Optional(Type.String()),
  warnings: Type.Array(TrustWarning),
  /** The number of kept pairs of heads that contradict each other. */
  evidence: Type.Integer({ minimum: 0 }),
  /** Whether the owner refuses unsigned heads of it. */
  required: Type.Boolean(),
});
export type RegistryTrust = Static<typeof RegistryTrust>;

/** How far an installed or offered plugin is vouched for. */
export const PluginTrust = Type.Object({
  /**
   * `signed`: its file is named by a head that this server accepted. `unsigned`: its registry does not sign it. `changed`: its file is
   * not what was installed. `blocked`: a block list has it. `withdrawn`: its registry's new epoch does not have it. `yanked`: its keeper
   * yanked it as dangerous. `local`: it is of no registry. The four that set a plugin aside are those of its quarantine.
   */
  state: Type.Enum(["signed", "unsigned", "changed", "blocked", "withdrawn", "yanked", "local"]),
  /** Why, in a sentence. */
  reason: Type.String(),
});
export type PluginTrust = Static<typeof PluginTrust>;

/** Two signed heads of a registry that contradict each other. docs/spec-head.md says how to verify them. */
export const HeadEvidence = Type.Object({
  /** The code of the contradiction, such as HEAD_FORKED. */
  code: Type.String(),
  found: Epoch,
  /** The signed notes. */
  accepted: Type.String(),
  other: Type.String(),
});
export type HeadEvidence = Static<typeof HeadEvidence>;

/** The keys that a registry is pinned to, beside those that its address shows now. */
export const RegistryKeys = Type.Object({
  /** Null where none is pinned. Origin and words are empty where only a fingerprint was given. */
  pinned: Nullable(RegistryIdentity),
  /** Null where it shows no head. */
  found: Nullable(RegistryIdentity),
});
export type RegistryKeys = Static<typeof RegistryKeys>;

/** How another head stands to the accepted one. */
export const HeadRelation = Type.Enum([
  "same",
  "behind",
  "ahead",
  "newer-keys",
  "older-keys",
  "forked",
  "too-far",
  "other-registry",
]);
export type HeadRelation = Static<typeof HeadRelation>;

/** The owner's rules for signatures. */
export const SignaturePolicy = Type.Object(
  {
    requireAll: Type.Optional(
      Type.Boolean({ description: "Whether every registry must be signed.", default: false }),
    ),
    registries: Type.Optional(
      Type.Array(Type.String({ pattern: "^REG_[0-9]{10}$" }), {
        description: "The ids of the registries that must be signed.",
        maxItems: 10_000,
        uniqueItems: true,
      }),
    ),
    exceptions: Type.Optional(
      Type.Array(Type.String({ pattern: "^REG_[0-9]{10}$" }), {
        description: "The ids of the registries that need not be signed, although all others must be.",
        maxItems: 10_000,
        uniqueItems: true,
      }),
    ),
    answerHeads: Type.Optional(
      Type.Boolean({
        description:
          "Whether other servers may ask, without a key, for the accepted head of an origin and fingerprint that they know.",
        default: false,
      }),
    ),
  },
  { additionalProperties: false },
);
export type SignaturePolicy = Static<typeof SignaturePolicy>;
