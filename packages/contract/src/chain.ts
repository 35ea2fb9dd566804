import { type Static, Type } from "typebox";
import { ArchiveTexts } from "./archives.ts";
import { ErrorReport } from "./error-report.ts";
import { RawNamespace } from "./namespace.ts";
import { HeldBack } from "./policy.ts";

const closed = { additionalProperties: false } as const;

const texts = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1, maxItems: 64, description }),
  );

/** When a step of the chain runs: all conditions must hold. Without any it always runs. */
export const ChainConditions = Type.Object(
  {
    nothing_found: Type.Optional(
      Type.Literal(true, { description: "Only if no plugin before it found something for the archive." }),
    ),
    tagged: texts(
      "Only for archives with one of these tags. A `*` at the end stands for any text: `artist:*`.",
    ),
    untagged: texts("Only for archives with none of these tags, written as those of `tagged`."),
    folders: texts("Only for archives in one of these folders of the library, or below it, without case."),
    extensions: texts("Only for archives whose file name ends in one of these: `cbz`."),
    without_source: texts(
      "Not for archives that have a `source:` tag of one of these sites (`example.org`); `*` is any source.",
    ),
  },
  { ...closed, description: "The conditions, all of which must hold; none where empty." },
);
export type ChainConditions = Static<typeof ChainConditions>;

/** One enabled metadata plugin in the chain. */
export const ChainStep = Type.Object(
  {
    plugin: RawNamespace,
    when: Type.Optional(ChainConditions),
    ends_on_hit: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether the chain ends for an archive if this plugin finds something.",
      }),
    ),
  },
  closed,
);
export type ChainStep = Static<typeof ChainStep>;

/** A step as it is shown. */
export const ShownChainStep = Type.Object({
  plugin: Type.String(),
  name: Type.String(),
  when: ChainConditions,
  ends_on_hit: Type.Boolean(),
  /** Whether the plugin can run: it is neither quarantined nor broken. */
  usable: Type.Boolean(),
});
export type ShownChainStep = Static<typeof ShownChainStep>;

/** Why a step does not run for an archive. */
export const chainSkipCodes = [
  "chain-ended",
  "found-before",
  "not-tagged",
  "tagged",
  "other-folder",
  "other-extension",
  "has-source",
  "may-write",
] as const;
export const ChainSkip = Type.Object({ code: Type.Enum([...chainSkipCodes]), text: Type.String() });
export type ChainSkip = { code: (typeof chainSkipCodes)[number]; text: string };

/** What one step of the chain would do for an archive. */
export const TriedStep = Type.Object({
  plugin: Type.String(),
  name: Type.String(),
  /** `found`: the plugin found something, new or not. `nothing`: it found nothing. */
  outcome: Type.Enum(["found", "nothing", "skipped", "failed"]),
  skipped: Type.Union([ChainSkip, Type.Null()]),
  error: Type.Union([ErrorReport, Type.Null()]),
  /** What would be written: new tags, a title, a summary; null for what stays. */
  changes: Type.Object({
    tags: Type.Array(Type.String()),
    title: Type.Union([Type.String(), Type.Null()]),
    summary: Type.Union([Type.String(), Type.Null()]),
  }),
  /** What the field policy holds back. */
  heldBack: Type.Array(HeldBack),
  /** Whether the chain ends with this step. */
  ends_chain: Type.Boolean(),
});
export type TriedStep = Static<typeof TriedStep>;

/** What the chain would do for an archive, step by step. */
export const ChainTrial = Type.Object({
  archive: Type.Object({ id: Type.String(), title: Type.String(), file: Type.String() }),
  steps: Type.Array(TriedStep),
  before: ArchiveTexts,
  after: ArchiveTexts,
});
export type ChainTrial = Static<typeof ChainTrial>;
