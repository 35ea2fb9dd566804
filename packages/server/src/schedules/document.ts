import { Actor, ScheduledWork, ScheduleId, TimeZone, When } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { documentKind } from "../documents/documents.ts";

const Time = Type.Number();
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

/** One run. It is claimed in the document first and queued after that, so that no two nodes start it. */
const StoredRun = Type.Object({
  /** Random; the job is queued once under it. */
  key: Type.String(),
  due: Time,
  manual: Type.Boolean(),
  actor: Actor,
  /** Null until it is queued. */
  job: Nullable(Type.Integer()),
  ended: Nullable(Time),
  outcome: Nullable(Type.String()),
  failed: Type.Optional(Type.Integer()),
  total: Type.Optional(Type.Integer()),
});
export type StoredRun = Static<typeof StoredRun>;

const StoredSchedule = Type.Object({
  id: ScheduleId,
  when: When,
  cron: Type.String(),
  zone: TimeZone,
  work: ScheduledWork,
  created: Time,
  paused: Type.Boolean(),
  next: Nullable(Time),
  last: Nullable(StoredRun),
});
export type StoredSchedule = Static<typeof StoredSchedule>;

const StoredSchedules = Type.Object({
  /** The highest id that was given. */
  lastId: Type.Integer(),
  schedules: Type.Array(StoredSchedule),
});
export type StoredSchedules = Static<typeof StoredSchedules>;

/** All schedules of the owner, in the order in which they were made. */
export const schedulesDocument = documentKind("schedules", StoredSchedules, { lastId: 0, schedules: [] });
