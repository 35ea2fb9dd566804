import { type Static, Type } from "typebox";

/** How somebody acts: through the API, by this project's command line, by the clock, or as the server itself. */
export const actorKinds = ["api", "cli", "schedule", "server"] as const;

/** Who did something. */
export const Actor = Type.Object({
  kind: Type.Enum([...actorKinds]),
  /** The name of the key that was used; null where none was. */
  key: Type.Union([Type.String(), Type.Null()]),
});
export type Actor = Static<typeof Actor>;

/** The server itself, which acts without a request. */
export const SERVER_ACTOR: Actor = { kind: "server", key: null };

export const subjectKinds = ["registry", "plugin", "setting", "archive", "key", "job"] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** What something was done to. */
export const Subject = Type.Object({
  kind: Type.Enum([...subjectKinds]),
  /**
   * A registry's or an archive's id, a plugin's namespace, the name of a key, a job's number; several plugins are
   * separated by commas. Of settings the namespace, and after a colon their names; never their values.
   */
  id: Type.String(),
});
export type Subject = Static<typeof Subject>;

/** Something that was done, or tried. */
export const HistoryEntry = Type.Object({
  /** Grows with every entry. */
  id: Type.Integer(),
  /** When it began: epoch seconds with milliseconds. */
  time: Type.Number(),
  actor: Actor,
  /** The operation of the call, or the task of the job. */
  action: Type.String(),
  subject: Type.Union([Subject, Type.Null()]),
  /** `ok`, or the code of the failure. */
  outcome: Type.String(),
  /** Milliseconds that it took. */
  ms: Type.Integer(),
  /** The job that did it, or null. */
  job: Type.Union([Type.Integer(), Type.Null()]),
});
export type HistoryEntry = Static<typeof HistoryEntry>;
