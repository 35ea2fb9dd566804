import type { Actor, Schedule, ScheduledWork } from "@hitagi/contract";

export interface NewSchedule {
  when: string;
  /** The server's own zone if undefined. */
  zone?: string | undefined;
  work: ScheduledWork;
}

export interface ScheduleChange {
  when?: string | undefined;
  zone?: string | undefined;
  paused?: boolean | undefined;
}

/** Work that starts at set times, the same on all nodes of a store. */
export interface Schedules {
  /** In the order in which they were made. */
  list(): Promise<Schedule[]>;
  /** @throws HitagiError SCHEDULE_NOT_FOUND */
  get(id: number): Promise<Schedule>;
  /** @throws HitagiError SCHEDULE_TIME_INVALID, and what the check of the work throws */
  create(schedule: NewSchedule): Promise<Schedule>;
  /** What was missed before the change is not caught up. @throws HitagiError SCHEDULE_NOT_FOUND, SCHEDULE_TIME_INVALID */
  update(id: number, change: ScheduleChange): Promise<Schedule>;
  /** Leaves a run that goes on. @returns what was removed @throws HitagiError SCHEDULE_NOT_FOUND */
  delete(id: number): Promise<Schedule>;
  /**
   * Starts a run now.
   * @returns its job
   * @throws HitagiError SCHEDULE_NOT_FOUND, SCHEDULE_RUNNING, STOPPING
   */
  run(id: number, actor: Actor): Promise<number>;
}

/** Starts the runs that are due, until it is stopped. */
export interface Scheduler {
  start(): void;
  /** Looks at once, because a schedule changed. */
  wake(): void;
  stop(): Promise<void>;
}
