import { HitagiError } from "@hitagi/contract";
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
import type { Admission, Choice, Judgement } from "./types.ts";
import { youthOf } from "./version-age.ts";

export interface AdmissionDeps {
  documents: Pick<Documents, "read">;
  lists: Pick<BlockLists, "read">;
  /** The active plugins. */
  installed: () => readonly { namespace: string; registry: string | null }[];
  /** A configured registry; undefined where it is gone. */
  registryOf: (id: string) => Promise<KnownRegistry | undefined>;
  /** Epoch seconds. */
  now: () => number;
}

export const createAdmission = ({
  documents,
  lists,
  installed,
  registryOf,
  now,
}: AdmissionDeps): Admission => {
  const judge = async (candidate: Candidate): Promise<Judgement> => {
    const { value: policy } = await documents.read(installPolicy);
    const known = candidate.registry === null ? undefined : await registryOf(candidate.registry);
    const { refusals, warnings } = blockJudgement(await lists.read(), candidate, known);
    return { refusals: [...refusals, ...policyRefusals(policy, candidate, known)], warnings };
  };

  /** The plugin comes from a signed registry, and this one is not signed. */
  const weakerEvidence = async (
    { namespace, registry }: Candidate & { registry: string },
    { from, acceptUnsigned }: Choice,
  ): Promise<HitagiError | undefined> => {
    if (from === null || from === registry || acceptUnsigned) return undefined;
    const [before, after] = [await registryOf(from), await registryOf(registry)];
    if (!isSigned(before) || isSigned(after)) return undefined;
    return new HitagiError("EVIDENCE_WEAKER", { namespace, registry: after?.name ?? registry });
  };

  const judgeAge = async (
    candidate: Candidate & { registry: string },
    { accepted, by }: Choice,
  ): Promise<Partial<Record<"refusal" | "warning", HitagiError>>> => {
    const { value: policy } = await documents.read(installPolicy);
    const { namespace, version } = candidate;
    const youth = youthOf(policy, { ...candidate, accepted }, now());
    if (!youth) return {};
    if (by === "automatic" || (by === "newest" && policy.age.manual))
      return { refusal: new HitagiError("VERSION_TOO_NEW", { namespace, version, ...youth }) };
    return { warning: new HitagiError("VERSION_YOUNG", { namespace, version, ...youth }) };
  };

  return {
    judge,
    judgeChoice: async (candidate, choice) => {
      const { refusals, warnings } = await judge(candidate);
      const [weaker, age] = [await weakerEvidence(candidate, choice), await judgeAge(candidate, choice)];
      return {
        refusals: [...refusals, weaker, age.refusal].filter((one) => one !== undefined),
        warnings: [...warnings, alikeNamespace(candidate, installed()), age.warning].filter(
          (one) => one !== undefined,
        ),
      };
    },
  };
};
