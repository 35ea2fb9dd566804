import { type Actor, HitagiError, type Schedule, type ScheduledWork } from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import type { JobStore } from "../store/types.ts";
import { type StoredSchedule, type StoredSchedules, schedulesDocument } from "./document.ts";
import { endsOf } from "./ends.ts";
import { queueClaimed } from "./queue-claimed.ts";
import { claimNow, isUnderWay, noteEnds } from "./runs.ts";
import { ownZone, readTimes, timeAfter } from "./times.ts";
import type { ScheduleChange, Schedules } from "./types.ts";
import { type WorkQueue, workTitle } from "./work.ts";

export interface SchedulesDeps {
  documents: Pick<Documents, "read" | "change">;
  jobs: Pick<JobStore, "get">;
  queue: WorkQueue;
  /** Refuses work that cannot run. */
  check: (work: ScheduledWork) => Promise<void>;
  /** Why work that was accepted cannot run now. */
  problemOf: (work: ScheduledWork) => Promise<Schedule["problem"]>;
  /** Epoch seconds. */
  now: () => number;
  /** Makes the scheduler look at once. */
  wake: () => void;
}

const stateOf = ({ last, paused }: StoredSchedule): Schedule["state"] => {
  if (isUnderWay(last)) return "running";
  return paused ? "paused" : "waiting";
};

const find = (schedules: readonly StoredSchedule[], id: number): StoredSchedule => {
  const found = schedules.find((schedule) => schedule.id === id);
  if (found === undefined) throw new HitagiError("SCHEDULE_NOT_FOUND", { id });
  return found;
};

const replaced = (stored: StoredSchedules, changed: StoredSchedule): StoredSchedules => ({
  ...stored,
  schedules: stored.schedules.map((one) => (one.id === changed.id ? changed : one)),
});

export const createSchedules = (deps: SchedulesDeps): Schedules => {
  const { documents, jobs, queue, check, problemOf, now, wake } = deps;

  const toSchedule = async (stored: StoredSchedule): Promise<Schedule> => {
    const { last, paused, ...schedule } = stored;
    const shown = last && (({ key: _, actor: __, ...run }) => run)(last);
    const { work } = schedule;
    const problem = await problemOf(work);
    return { ...schedule, title: workTitle(work), state: stateOf(stored), last: shown, problem };
  };

  /** The schedules with the outcomes that their jobs have by now. */
  const current = async (): Promise<StoredSchedules> => {
    const { value } = await documents.read(schedulesDocument);
    return noteEnds(value, await endsOf(value, jobs));
  };
  const change = async (next: (stored: StoredSchedules) => StoredSchedules): Promise<StoredSchedules> => {
    const { value } = await documents.change(schedulesDocument, ({ value: stored }) => next(stored));
    wake();
    return value;
  };

  const changed = (schedule: StoredSchedule, { when, zone, paused }: ScheduleChange): StoredSchedule => {
    const entered = when ?? schedule.when;
    const times = when || zone ? readTimes(entered, zone ?? schedule.zone) : schedule;
    const rests = paused ?? schedule.paused;
    const next = rests ? null : (timeAfter(times, now()) ?? null);
    return { ...schedule, when: entered, cron: times.cron, zone: times.zone, paused: rests, next };
  };

  return {
    list: async () => Promise.all((await current()).schedules.map(toSchedule)),
    get: async (id) => toSchedule(find((await current()).schedules, id)),
    create: async ({ when, zone = ownZone(), work }) => {
      const times = readTimes(when, zone);
      await check(work);
      const created = Math.floor(now());
      const rest = { when, ...times, work, created, paused: false, last: null };
      const { lastId, schedules } = await change((stored) => {
        const id = stored.lastId + 1;
        const schedule = { id, ...rest, next: timeAfter(times, created) ?? null };
        return { lastId: id, schedules: [...stored.schedules, schedule] };
      });
      return toSchedule(find(schedules, lastId));
    },
    update: async (id, fields) => {
      const { schedules } = await change((stored) =>
        replaced(stored, changed(find(stored.schedules, id), fields)),
      );
      return toSchedule(find(schedules, id));
    },
    delete: async (id) => {
      let removed: StoredSchedule | undefined;
      await change((stored) => {
        removed = find(stored.schedules, id);
        return { ...stored, schedules: stored.schedules.filter((one) => one.id !== id) };
      });
      if (removed === undefined) throw new HitagiError("SCHEDULE_NOT_FOUND", { id });
      return toSchedule(removed);
    },
    run: async (id: number, actor: Actor) => {
      const ends = await endsOf((await documents.read(schedulesDocument)).value, jobs);
      const claimed = await change((stored) => {
        const noted = noteEnds(stored, ends);
        return replaced(noted, claimNow(find(noted.schedules, id), actor, now()));
      });
      const { last } = find(claimed.schedules, id);
      const queued = await queueClaimed({ documents, queue }, claimed);
      const job = queued.get(last?.key ?? "");
      if (job === undefined) throw new HitagiError("SCHEDULE_NOT_FOUND", { id });
      return job;
    },
  };
};
