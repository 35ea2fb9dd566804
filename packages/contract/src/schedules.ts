import { type Static, Type } from "typebox";
import { ErrorReport } from "./error-report.ts";
import { RawNamespace } from "./namespace.ts";
import { Epoch, Nullable } from "./scalars.ts";

const closed = { additionalProperties: false } as const;

const Arg = Type.Optional(Type.String({ maxLength: 65_536 }));
const ArchiveRef = Type.String({ minLength: 1, maxLength: 128 });

/** The most archives that a schedule names; a batch over all archives names none. */
const MAX_ARCHIVES = 1000;

/** What a schedule starts: the same jobs as the calls and commands of these names. */
export const ScheduledWork = Type.Union([
  Type.Object(
    { kind: Type.Literal("run"), plugin: RawNamespace, archive: Type.Optional(ArchiveRef), arg: Arg },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal("batch"),
      /** All enabled metadata plugins, in their order, where absent. */
      plugin: Type.Optional(RawNamespace),
      /** Instead of `plugin` and `arg`: on each archive the plugin that reads its `source:` tag. */
      by_source: Type.Optional(Type.Literal(true)),
      /** All archives, as they are at each run, where absent. */
      ids: Type.Optional(Type.Array(ArchiveRef, { minItems: 1, maxItems: MAX_ARCHIVES })),
      arg: Arg,
    },
    closed,
  ),
  /** All registries. */
  Type.Object({ kind: Type.Literal("refresh") }, closed),
  Type.Object(
    {
      kind: Type.Literal("upgrade"),
      /** All that have an update where absent. An update that asks for new permissions is not installed. */
      plugins: Type.Optional(Type.Array(RawNamespace, { minItems: 1, maxItems: 1000 })),
    },
    closed,
  ),
]);
export type ScheduledWork = Static<typeof ScheduledWork>;

export const When = Type.String({
  minLength: 1,
  maxLength: 200,
  description: "Words such as `every day 03:00`, five cron fields such as `0 3 * * *`, or `@daily`.",
});

export const TimeZone = Type.String({
  minLength: 1,
  maxLength: 64,
  description: "An IANA time zone, such as `Europe/Berlin`.",
});

export const ScheduleId = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "The number of the schedule.",
});

/** One run of a schedule. */
export const ScheduleRun = Type.Object({
  /** When it was due; later than that if the server was down. Epoch seconds. */
  due: Epoch,
  /** Whether a person started it, and not the time. */
  manual: Type.Boolean(),
  /** Null for an instant, until it is queued. */
  job: Nullable(Type.Integer()),
  /** Epoch seconds; null until it has ended. */
  ended: Nullable(Type.Number()),
  /** `ok`, or the code of the failure, which is SOME_FAILED if it failed in parts; null until it has ended. */
  outcome: Nullable(Type.String()),
  /** Of the archives of a batch: how many failed, of how many; absent if none did. */
  failed: Type.Optional(Type.Integer()),
  total: Type.Optional(Type.Integer()),
});
export type ScheduleRun = Static<typeof ScheduleRun>;

export const Schedule = Type.Object({
  id: ScheduleId,
  /** As it was entered. */
  when: When,
  /** The same as five cron fields. */
  cron: Type.String(),
  zone: TimeZone,
  work: ScheduledWork,
  /** The work in words, such as `run feed-watcher`. */
  title: Type.String(),
  state: Type.Enum(["waiting", "running", "paused"]),
  created: Epoch,
  /** Epoch seconds; null while it is paused. */
  next: Nullable(Epoch),
  /** The last run, also while it runs; null before the first. */
  last: Nullable(ScheduleRun),
  /** What its next run would fail with, because what it names is gone or is not what it was; null if nothing is known. */
  problem: Nullable(ErrorReport),
});
export type Schedule = Static<typeof Schedule>;
