import { HitagiError, type Yank } from "@hitagi/contract";
import { utcTime } from "../clock.ts";
import type { Documents } from "../documents/documents.ts";
import { type BlockLists, blockJudgement } from "./block-lists.ts";
import {
  type Candidate,
  installPolicy,
  isSigned,
  type KnownRegistry,
  policyRefusals,
} from "./install-policy.ts";
import { alikeNamespace } from "./look-alikes.ts";
import type { Admission, Choice, Judgement, Waiting } from "./types.ts";
import { spanText, youthOf } from "./version-age.ts";
import { isAllowedSince, isYankAllowed, type YankSubject } from "./yank-enforcement.ts";

export interface AdmissionDeps {
  documents: Pick<Documents, "read">;
  lists: Pick<BlockLists, "read">;
  /** The active plugins. */
  installed: () => readonly { namespace: string; registry: string | null }[];
  /** A configured registry; undefined where it is gone. */
  registryOf: (id: string) => Promise<KnownRegistry | undefined>;
  /** What the details of its registry say of a yanked version; undefined if it is not yanked. */
  yankOf: (subject: YankSubject) => Promise<Yank | undefined>;
  /** Whether the signed head of its registry no longer names a version. */
  isLeftOut: (subject: YankSubject) => Promise<boolean>;
  /** Since when, in epoch seconds, its registry is in a new epoch that does not name a version; undefined where it is in none. */
  withdrawnSince: (subject: YankSubject) => Promise<number | undefined>;
  /** Whether a registry is pinned to a key with an accepted head; also after it was removed. */
  wasSigned: (registry: string) => Promise<boolean>;
  /** Epoch seconds. */
  now: () => number;
}

/** What keeps a version waiting, or what a person who takes it all the same should know. */
type Delay = Partial<Record<"refusal" | "warning", HitagiError>>;

/** The registry of a candidate, undefined where it is gone, and what stands against its version. */
interface Facts extends Partial<Record<"dangerous" | "yanked" | "withdrawn", HitagiError>> {
  known: KnownRegistry | undefined;
}

export const createAdmission = ({
  documents,
  lists,
  installed,
  registryOf,
  yankOf,
  isLeftOut,
  withdrawnSince,
  wasSigned,
  now,
}: AdmissionDeps): Admission => {
  /** What stands against a yanked version: that it is dangerous, or else that it is yanked. */
  const yankOn = async (candidate: Candidate): Promise<Pick<Facts, "dangerous" | "yanked">> => {
    const yank = await yankOf(candidate);
    if (!yank) return {};
    const { namespace, version } = candidate;
    const params = { namespace, version, at: yank.at.slice(0, 10), reason: yank.reason };
    const isDangerous = yank.dangerous && !isYankAllowed(await lists.read(), namespace, yank, now());
    return isDangerous
      ? { dangerous: new HitagiError("VERSION_DANGEROUS", params) }
      : { yanked: new HitagiError("VERSION_YANKED", params) };
  };

  /** What stands against a version that a new epoch does not have, as against an installed one, until the owner allows it. */
  const withdrawalOf = async (candidate: Candidate): Promise<HitagiError | undefined> => {
    const since = await withdrawnSince(candidate);
    const { namespace, version } = candidate;
    if (since === undefined || isAllowedSince(await lists.read(), namespace, since)) return undefined;
    return new HitagiError("VERSION_NOT_IN_EPOCH", { namespace, version });
  };

  /** What a candidate is judged by, read once. */
  const factsOf = async (candidate: Candidate, unadded?: KnownRegistry): Promise<Facts> => ({
    known: unadded ?? (candidate.registry === null ? undefined : await registryOf(candidate.registry)),
    ...(await yankOn(candidate)),
    withdrawn: await withdrawalOf(candidate),
  });

  const judgeBy = async (
    candidate: Candidate,
    { known, dangerous, withdrawn }: Facts,
  ): Promise<Judgement> => {
    const { value: policy } = await documents.read(installPolicy);
    const { refusals, warnings } = blockJudgement(await lists.read(), candidate, known);
    return {
      refusals: [
        ...refusals,
        ...[dangerous, withdrawn].filter((one) => one !== undefined),
        ...policyRefusals(policy, candidate, known),
      ],
      warnings,
    };
  };

  /** The plugin comes from a signed registry, which may be removed by now, and this one is not signed. */
  const weakerEvidence = async (
    { namespace, registry }: Candidate & { registry: string },
    { from, acceptUnsigned }: Choice,
    { known }: Facts,
  ): Promise<HitagiError | undefined> => {
    if (from === null || from === registry || acceptUnsigned) return undefined;
    if (isSigned(known) || !(await wasSigned(from))) return undefined;
    return new HitagiError("EVIDENCE_WEAKER", { namespace, registry: known?.name ?? registry });
  };

  /** A version is too young while it is younger than the policy wants. */
  const judgeAge = async (
    candidate: Waiting,
    { accepted, by }: Pick<Choice, "accepted" | "by">,
  ): Promise<Delay> => {
    const { value: policy } = await documents.read(installPolicy);
    const { namespace, version } = candidate;
    const youth = youthOf(policy, { ...candidate, accepted }, now());
    if (!youth) return {};
    if (by === "automatic" || (by === "newest" && policy.age.manual))
      return { refusal: new HitagiError("VERSION_TOO_NEW", { namespace, version, ...youth }) };
    return { warning: new HitagiError("VERSION_YOUNG", { namespace, version, ...youth }) };
  };

  /** After a new epoch of the registry, only a person takes something from it. */
  const judgeEpoch = (
    { namespace, registry: id }: Waiting,
    { by }: Pick<Choice, "by">,
    known: KnownRegistry | undefined,
  ): Delay => {
    const { name: registry, trust } = known ?? {};
    const { updatesWaitUntil, epochSince = now() } = trust ?? {};
    if (registry === undefined || updatesWaitUntil === undefined) return {};
    const params = { registry, age: spanText(now() - epochSince), until: utcTime(updatesWaitUntil) };
    return by === "automatic"
      ? { refusal: new HitagiError("EPOCH_TOO_NEW", { ...params, id, namespace }) }
      : { warning: new HitagiError("EPOCH_NEW", params) };
  };

  return {
    judge: async (candidate, unadded) => judgeBy(candidate, await factsOf(candidate, unadded)),
    judgeChoice: async (candidate, choice) => {
      const facts = await factsOf(candidate);
      const { known, yanked } = facts;
      const { refusals, warnings } = await judgeBy(candidate, facts);
      const weaker = await weakerEvidence(candidate, choice, facts);
      const [epoch, age] = [judgeEpoch(candidate, choice, known), await judgeAge(candidate, choice)];
      const alike = await alikeNamespace(candidate, installed());
      // A person may name a yanked version.
      const [refused, warned] = choice.by === "name" ? [undefined, yanked] : [yanked, undefined];
      return {
        refusals: [...refusals, weaker, refused, epoch.refusal, age.refusal].filter(
          (one) => one !== undefined,
        ),
        warnings: [...warnings, warned, alike, epoch.warning, age.warning].filter((one) => one !== undefined),
      };
    },
    judgeReturn: async (candidate) => {
      const facts = await factsOf(candidate);
      const { refusals } = await judgeBy(candidate, facts);
      const against = refusals[0] ?? facts.yanked;
      if (against || !(await isLeftOut(candidate))) return against;
      const { namespace, version } = candidate;
      return new HitagiError("VERSION_LEFT_OUT", { namespace, version });
    },
    waits: async (candidate, accepted) => {
      const known = await registryOf(candidate.registry);
      const { refusal } = judgeEpoch(candidate, { by: "automatic" }, known);
      return refusal ?? (await judgeAge(candidate, { accepted, by: "automatic" })).refusal;
    },
  };
};
