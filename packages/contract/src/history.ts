import { type Static, Type } from "typebox";

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
});
export type HistoryEntry = Static<typeof HistoryEntry>;
