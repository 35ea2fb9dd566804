import type { Actor, BatchOutcome, SubjectKind } from "@hitagi/contract";

// The contract's own lists come with its schemas, which are larger than this page.

export type Outcome = BatchOutcome;

/** What becomes of an archive in a batch, in the order in which it is shown. */
export const outcomes = [
  "pending",
  "changed",
  "unchanged",
  "nothing_found",
  "held_back",
  "failed",
  "skipped",
  "undone",
  "kept",
] as const satisfies readonly Outcome[];

export const subjectKinds = [
  "registry",
  "plugin",
  "setting",
  "archive",
  "category",
  "key",
  "job",
  "schedule",
  "receiver",
  "policy",
] as const satisfies readonly SubjectKind[];

export const actorKinds = ["api", "cli", "schedule", "server"] as const satisfies readonly Actor["kind"][];
