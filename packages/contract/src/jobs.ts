import { type Static, Type } from "typebox";
import { Nullable } from "./scalars.ts";

export const JobState = Type.Enum(["inactive", "active", "finished", "failed"], {
  description: "The state of a job; an inactive one waits.",
});
export type JobState = Static<typeof JobState>;

/** Epoch seconds as a string, as LANraragi's clients require; null if it has not happened. */
const EpochText = Nullable(Type.String());

export const JobStatus = Type.Object({
  task: Type.String(),
  state: JobState,
  notes: Nullable(Type.Record(Type.String(), Type.String())),
  error: Nullable(Type.String()),
});
export type JobStatus = Static<typeof JobStatus>;

export const JobDetail = Type.Object({
  id: Type.Integer(),
  args: Type.Array(Type.Unknown()),
  attempts: Type.Integer(),
  children: Type.Array(Type.Integer()),
  created: EpochText,
  delayed: EpochText,
  error: Nullable(Type.String()),
  expires: EpochText,
  finished: EpochText,
  lax: Type.Integer(),
  notes: Type.Record(Type.String(), Type.String()),
  parents: Type.Array(Type.Integer()),
  priority: Type.Integer(),
  queue: Type.String(),
  result: Type.Unknown(),
  retried: EpochText,
  retries: Type.Integer(),
  started: EpochText,
  state: JobState,
  task: Type.String(),
  time: EpochText,
  /** LANraragi's clients require an integer: 1 after a worker started the job, 0 before. */
  worker: Type.Integer(),
});
export type JobDetail = Static<typeof JobDetail>;
