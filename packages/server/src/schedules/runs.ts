import { randomUUID } from "node:crypto";
import { type Actor, HitagiError } from "@hitagi/contract";
import type { StoredRun, StoredSchedule, StoredSchedules } from "./document.ts";
import { timeAfter } from "./times.ts";

/** Who starts a run that is due. */
const SCHEDULE: Actor = { kind: "schedule", key: null };

export type RunEnd = Pick<StoredRun, "ended" | "outcome" | "failed" | "total">;

/** How a run ended, by the key of the run. */
export type Ends = ReadonlyMap<string, RunEnd>;

export const isUnderWay = (run: StoredRun | null): run is StoredRun => run !== null && run.outcome === null;

const newRun = (due: number, actor: Actor, manual: boolean): StoredRun => ({
  ...{ key: randomUUID(), due, manual, actor },
  ...{ job: null, ended: null, outcome: null },
});

/** The same document with some schedules changed; the same object where none is. */
const mapSchedules = (
  stored: StoredSchedules,
  change: (schedule: StoredSchedule) => StoredSchedule,
): StoredSchedules => {
  const schedules = stored.schedules.map(change);
  const isChanged = schedules.some((schedule, n) => schedule !== stored.schedules[n]);
  return isChanged ? { ...stored, schedules } : stored;
};

export const mapLastRuns = (
  stored: StoredSchedules,
  change: (run: StoredRun) => Partial<StoredRun> | undefined,
): StoredSchedules =>
  mapSchedules(stored, (schedule) => {
    const changes = schedule.last === null ? undefined : change(schedule.last);
    return schedule.last === null || changes === undefined
      ? schedule
      : { ...schedule, last: { ...schedule.last, ...changes } };
  });

/** Notes how runs ended. */
export const noteEnds = (stored: StoredSchedules, ends: Ends): StoredSchedules =>
  mapLastRuns(stored, (run) => (isUnderWay(run) ? ends.get(run.key) : undefined));

/** Notes the jobs of runs, by the keys of the runs. */
export const noteJobs = (stored: StoredSchedules, jobs: ReadonlyMap<string, number>): StoredSchedules =>
  mapLastRuns(stored, ({ key, job }) =>
    job === null && jobs.has(key) ? { job: jobs.get(key) ?? null } : undefined,
  );

/** Whether a schedule is due and may start: a run that goes on delays the next one, and all that come due meanwhile are one run. */
export const isDue = ({ next, last }: StoredSchedule, now: number): boolean =>
  next !== null && next <= now && !isUnderWay(last);

/** Claims a run of each schedule that is due. All missed runs count as one, because the next time is after now. */
export const claimDue = (stored: StoredSchedules, now: number): StoredSchedules =>
  mapSchedules(stored, (schedule) => {
    const { next } = schedule;
    if (next === null || !isDue(schedule, now)) return schedule;
    return { ...schedule, next: timeAfter(schedule, now) ?? null, last: newRun(next, SCHEDULE, false) };
  });

/** Claims a run that a person asks for. @throws HitagiError SCHEDULE_RUNNING */
export const claimNow = (schedule: StoredSchedule, actor: Actor, now: number): StoredSchedule => {
  if (isUnderWay(schedule.last)) throw new HitagiError("SCHEDULE_RUNNING", { id: schedule.id });
  return { ...schedule, last: newRun(Math.floor(now), actor, true) };
};
