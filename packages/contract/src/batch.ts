import { type Static, Type } from "typebox";

/**
 * What became of an archive in a batch. `pending`: it is being written. `undone`: what the batch wrote is taken back.
 * `kept`: an undo found some of it changed since, and left that as it is.
 */
export const batchOutcomes = ["pending", "changed", "unchanged", "failed", "undone", "kept"] as const;
export const BatchOutcome = Type.Enum([...batchOutcomes]);
export type BatchOutcome = (typeof batchOutcomes)[number];

/** Those fields of an archive that plugins write; tags are separated by commas. */
export const ArchiveTexts = Type.Object({
  title: Type.String(),
  tags: Type.String(),
  summary: Type.String(),
});
export type ArchiveTexts = Static<typeof ArchiveTexts>;

/** One archive of a batch. */
export const BatchItem = Type.Object({
  /** The archive's id. */
  archive: Type.String(),
  outcome: BatchOutcome,
  /** The archive before the batch, and as the batch left it; null where it was not changed. */
  before: Type.Union([ArchiveTexts, Type.Null()]),
  after: Type.Union([ArchiveTexts, Type.Null()]),
  /**
   * What went wrong; an archive may be changed by one plugin and fail with another. `plugin` is null where an undo
   * failed.
   */
  errors: Type.Array(
    Type.Object({
      plugin: Type.Union([Type.String(), Type.Null()]),
      code: Type.String(),
      message: Type.String(),
    }),
  ),
});
export type BatchItem = Static<typeof BatchItem>;

/** How many archives of a batch have which outcome. */
export const BatchCounts = Type.Object({
  pending: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer(),
  failed: Type.Integer(),
  undone: Type.Integer(),
  kept: Type.Integer(),
});
export type BatchCounts = Static<typeof BatchCounts>;
