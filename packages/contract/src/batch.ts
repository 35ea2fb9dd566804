import { type Static, Type } from "typebox";
import { sourceSkipCodes } from "./addresses.ts";
import { ArchiveTexts } from "./archives.ts";
import { chainSkipCodes } from "./chain.ts";
import { HeldBack } from "./policy.ts";

/**
 * The outcome of an archive in a batch. `pending`: it is being written. `skipped`: no plugin ran. `undone`: the changes were reverted.
 * `kept`: an undo found later changes and kept them.
 */
export const batchOutcomes = [
  "pending",
  "changed",
  "unchanged",
  "skipped",
  "failed",
  "undone",
  "kept",
] as const;
export const BatchOutcome = Type.Enum([...batchOutcomes], {
  description: "What became of an archive in a batch.",
});
export type BatchOutcome = (typeof batchOutcomes)[number];

/** One archive of a batch. */
export const BatchItem = Type.Object({
  /** The archive's id. */
  archive: Type.String(),
  outcome: BatchOutcome,
  /** The archive before and after the batch; null if it was not changed. */
  before: Type.Union([ArchiveTexts, Type.Null()]),
  after: Type.Union([ArchiveTexts, Type.Null()]),
  /**
   * The failures. One plugin can change an archive while another fails on it. `plugin` is null for a failed undo, and for an archive
   * that does not exist.
   */
  errors: Type.Array(
    Type.Object({
      plugin: Type.Union([Type.String(), Type.Null()]),
      code: Type.String(),
      message: Type.String(),
    }),
  ),
  /** Why plugins did not run, and null in place of the plugin if none was found by the archive's source; absent if all ran. */
  skipped: Type.Optional(
    Type.Array(
      Type.Object({
        plugin: Type.Union([Type.String(), Type.Null()]),
        code: Type.Enum([...chainSkipCodes, ...sourceSkipCodes]),
        text: Type.String(),
      }),
    ),
  ),
  /** What the field policy held back; absent if nothing. */
  heldBack: Type.Optional(Type.Array(HeldBack)),
});
export type BatchItem = Static<typeof BatchItem>;

/** The number of archives of a batch with each outcome. */
export const BatchCounts = Type.Object({
  pending: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer(),
  skipped: Type.Integer(),
  failed: Type.Integer(),
  undone: Type.Integer(),
  kept: Type.Integer(),
});
export type BatchCounts = Static<typeof BatchCounts>;
