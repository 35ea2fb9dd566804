import type { HitagiError } from "@hitagi/contract";
import type { Candidate, KnownRegistry } from "./install-policy.ts";

/** How a version of a registry was chosen, and what it would replace. */
export interface Choice {
  /** Epoch seconds from which its age counts; see Resolved.accepted. */
  accepted: number;
  /** Who chose it: a person who named it, a person who asked for the newest, or the server. */
  by: "name" | "newest" | "automatic";
  /** The registry of the installed plugin; null where none is installed, or it has none. */
  from: string | null;
  /** Whether the owner takes an unsigned registry in place of a signed one. */
  acceptUnsigned: boolean;
}

export interface Judgement {
  /** The gravest first. */
  refusals: HitagiError[];
  /** What the owner should know, of a version that is taken nevertheless. */
  warnings: HitagiError[];
}

/** A version of a registry that may have to wait. */
export type Waiting = Pick<Candidate, "namespace" | "version"> & { registry: string };

/** The owner's rules for what may be installed and run. Each install asks them twice: in its plan, and under its lock. */
export interface Admission {
  /**
   * Whether a plugin may be installed at all: from a registry, from a file, or from the kept versions.
   * @param unadded its registry, if that is not configured yet
   */
  judge(candidate: Candidate, unadded?: KnownRegistry): Promise<Judgement>;
  /** The same for a version of a registry, with the rules for its age and its evidence. */
  judgeChoice(candidate: Candidate & { registry: string }, choice: Choice): Promise<Judgement>;
  /**
   * Why the server does not go back to a kept version by itself: what `judge` refuses, VERSION_YANKED, or VERSION_LEFT_OUT where the
   * signed head of its registry no longer names it. Undefined where it may.
   */
  judgeReturn(candidate: Candidate): Promise<HitagiError | undefined>;
  /** Why automatic updates do not take a version yet; undefined where they do. @param accepted see Choice */
  waits(candidate: Waiting, accepted: number): Promise<HitagiError | undefined>;
}
