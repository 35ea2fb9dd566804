import { type Static, Type } from "typebox";
import { ArchiveTexts } from "./archives.ts";
import { BatchOutcome } from "./batch.ts";

/** The kind of an actor: a client of the API, the command line, the schedule, or the server itself. */
export const actorKinds = ["api", "cli", "schedule", "server"] as const;

/** The actor of a change. */
export const Actor = Type.Object({
  kind: Type.Enum([...actorKinds]),
  /** The name of the key, or null. */
  key: Type.Union([Type.String(), Type.Null()]),
});
export type Actor = Static<typeof Actor>;

/** The server itself, without a request. */
export const SERVER_ACTOR: Actor = { kind: "server", key: null };

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
] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** The subject of a change. */
export const Subject = Type.Object({
  kind: Type.Enum([...subjectKinds]),
  /**
   * The id of a registry, an archive or a category, a plugin's namespace, the name of a key, the number of a job or a schedule, or a policy. Several plugins are
   * separated by commas. For settings: the namespace, a colon and the names, never the values.
   */
  id: Type.String(),
});
export type Subject = Static<typeof Subject>;

/** A plugin that a change concerned, with its versions where they changed. */
export const HistoryPlugin = Type.Object({
  namespace: Type.String(),
  /** The version before; null if none was installed. */
  from: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  to: Type.Optional(Type.String()),
});

/** The most characters of a text in {@link ArchiveChange}. */
export const MAX_CHANGED_TEXT = 20_000;

/** The texts of an archive before and after a change of them; longer texts are cut. */
export const ArchiveChange = Type.Object({ before: ArchiveTexts, after: ArchiveTexts });
export type ArchiveChange = Static<typeof ArchiveChange>;

const cutTexts = ({ title, tags, summary }: ArchiveTexts): ArchiveTexts => ({
  title: title.slice(0, MAX_CHANGED_TEXT),
  tags: tags.slice(0, MAX_CHANGED_TEXT),
  summary: summary.slice(0, MAX_CHANGED_TEXT),
});

/** A change of an archive's texts as the history keeps it. */
export const archiveChange = (before: ArchiveTexts, after: ArchiveTexts): ArchiveChange => ({
  before: cutTexts(before),
  after: cutTexts(after),
});

/** What is known of a change beside its subject. */
export const HistoryDetails = Type.Object({
  /** The name that the subject had: the title of an archive or a schedule, or the name of a registry or a category. */
  name: Type.Optional(Type.String()),
  plugins: Type.Optional(Type.Array(HistoryPlugin)),
  /** Whether an uninstall dropped the plugin's settings, secrets and cache too; absent for other changes. */
  dropped_settings: Type.Optional(Type.Boolean()),
  /** The archive that a plugin ran on, with its title. */
  archive: Type.Optional(Type.Object({ id: Type.String(), title: Type.Optional(Type.String()) })),
  /** What became of the archive in a batch or its undo, in place of `counts` where the history of one archive is asked for. */
  outcome: Type.Optional(BatchOutcome),
  /** What changed in the archive that it is about; of a batch only where the history of one archive is asked for. */
  change: Type.Optional(ArchiveChange),
  /** How many of each outcome, such as the archives of a batch. */
  counts: Type.Optional(Type.Record(Type.String(), Type.Integer())),
});
export type HistoryDetails = Static<typeof HistoryDetails>;

/** A change that was made or tried. */
export const HistoryEntry = Type.Object({
  /** Increases with every entry. */
  id: Type.Integer(),
  /** The start: epoch seconds with milliseconds. */
  time: Type.Number(),
  actor: Actor,
  /** The operation of the call, or the task of the job. */
  action: Type.String(),
  subject: Type.Union([Subject, Type.Null()]),
  /** `ok`, or the code of the failure. */
  outcome: Type.String(),
  /** The duration in milliseconds. */
  ms: Type.Integer(),
  /** The job, or null. */
  job: Type.Union([Type.Integer(), Type.Null()]),
  details: Type.Optional(HistoryDetails),
});
export type HistoryEntry = Static<typeof HistoryEntry>;
