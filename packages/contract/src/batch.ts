import { type Static, Type } from "typebox";
import { sourceSkipCodes } from "./addresses.ts";
import { ArchiveTexts } from "./archives.ts";
import { ChainTrial, chainSkipCodes } from "./chain.ts";
import { JobState } from "./jobs.ts";
import { HeldBack } from "./policy.ts";

/**
 * The outcome of an archive in a batch. `pending`: it is being written, or plugins are still to run. `unchanged`: it had all that
 * was found. `held_back`: the field policy held back what was found. `failed`: a plugin failed, though another may have changed it.
 * `skipped`: no plugin ran on it. `undone`: the changes were reverted. `kept`: an undo found later changes and kept them.
 */
export const batchOutcomes = [
  "pending",
  "changed",
  "unchanged",
  "nothing_found",
  "held_back",
  "failed",
  "skipped",
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
  /** Its path in the library, with `/`, and its title before the batch; absent where it is unknown. */
  file: Type.Optional(Type.String()),
  title: Type.Optional(Type.String()),
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
  /** The plugins that are still to run, because they pause. */
  waiting: Type.Optional(Type.Array(Type.String())),
  /** What the field policy held back; absent if nothing. */
  heldBack: Type.Optional(Type.Array(HeldBack)),
  /** The job of the undo that reverted the changes, or first kept later ones; absent before an undo. */
  undo: Type.Optional(Type.Integer()),
});
export type BatchItem = Static<typeof BatchItem>;

/** The number of archives of a batch with each outcome. */
export const BatchCounts = Type.Object({
  pending: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer(),
  nothing_found: Type.Integer(),
  held_back: Type.Integer(),
  failed: Type.Integer(),
  skipped: Type.Integer(),
  undone: Type.Integer(),
  kept: Type.Integer(),
});
export type BatchCounts = Static<typeof BatchCounts>;

/** What a batch would do to one archive. */
export const TriedArchive = Type.Object({
  trial: ChainTrial,
  outcome: Type.Enum(["changed", "unchanged", "nothing_found", "held_back", "failed", "skipped"]),
  /** Why no plugin was chosen by its source; null where that is not why. */
  skipped: Type.Union([
    Type.Object({ code: Type.Enum([...sourceSkipCodes]), text: Type.String() }),
    Type.Null(),
  ]),
});
export type TriedArchive = Static<typeof TriedArchive>;

/** What a batch would do. */
export const BatchPreview = Type.Object({
  /** The number of archives that it would run on. */
  archives: Type.Integer(),
  /** The plugins that may run, in their order. */
  plugins: Type.Array(Type.Object({ plugin: Type.String(), name: Type.String() })),
  /** The first archives, on each of which the plugins were run, and nothing was stored. */
  tried: Type.Array(TriedArchive),
  /** The tried archives by outcome. */
  counts: Type.Partial(Type.Record(TriedArchive.properties.outcome, Type.Integer())),
});
export type BatchPreview = Static<typeof BatchPreview>;

/** The failures of a batch for one reason. */
export const BatchFailure = Type.Object({
  /** Null for a failed undo. */
  plugin: Type.Union([Type.String(), Type.Null()]),
  code: Type.String(),
  /** For one of the archives. */
  message: Type.String(),
  /** Archives. */
  count: Type.Integer(),
  /** Paths of the first ones, or their ids where the paths are unknown. */
  archives: Type.Array(Type.String()),
});
export type BatchFailure = Static<typeof BatchFailure>;

/** A plugin that a batch does not call for a time, because its site refuses further requests, or its login fails. */
export const BatchPause = Type.Object({
  plugin: Type.String(),
  code: Type.Enum(["PLUGIN_LIMITED", "LOGIN_FAILED"]),
  /** Why, as a sentence for people. */
  reason: Type.String(),
  /** Epoch seconds. */
  since: Type.Integer(),
  /** Epoch seconds at which it goes on; null if only `resume` lets it go on. */
  until: Type.Union([Type.Integer(), Type.Null()]),
});
export type BatchPause = Static<typeof BatchPause>;

/** A batch as a whole. */
export const Batch = Type.Object({
  job: Type.Integer(),
  /** Null for the chain of enabled plugins, for a batch by sources, and for one of the tag rules. */
  plugin: Type.Union([Type.String(), Type.Null()]),
  /** Whether the plugin of each archive is chosen by its source. */
  by_source: Type.Boolean(),
  /** Whether it applies the tag rules, and runs no plugin. */
  tag_rules: Type.Boolean(),
  /** A batch that is paused is `inactive`. */
  state: JobState,
  /** Epoch seconds. */
  created: Type.Number(),
  finished: Type.Union([Type.Number(), Type.Null()]),
  /** Why the batch as a whole failed; null if it did not. */
  error: Type.Union([Type.String(), Type.Null()]),
  counts: BatchCounts,
  /** The archives that it has not come to; null for a batch over all archives that never started. */
  not_begun: Type.Union([Type.Integer(), Type.Null()]),
  pauses: Type.Array(BatchPause),
  /** Whether it waits until a pause ends. Its owner paused it if no plugin of it pauses. */
  paused: Type.Boolean(),
  /** Whether its owner paused it, and it still ends the archives that it is at. */
  pausing: Type.Boolean(),
  /** Epoch seconds at which a paused batch goes on by itself; null if it does not. */
  resumes: Type.Union([Type.Integer(), Type.Null()]),
});
export type Batch = Static<typeof Batch>;
