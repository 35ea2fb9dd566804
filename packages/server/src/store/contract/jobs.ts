import { Actor, type BatchCounts, type BatchItem, type BatchOutcome, JobState } from "@hitagi/contract";
import { type Static, Type } from "typebox";

const Time = Type.Union([Type.Number(), Type.Null()]);

export const JobRecord = Type.Object({
  id: Type.Integer(),
  task: Type.String(),
  args: Type.Array(Type.Unknown()),
  /** The actor that queued it. */
  actor: Actor,
  state: JobState,
  priority: Type.Number(),
  notes: Type.Record(Type.String(), Type.String()),
  /** The key of a job that {@link JobStore.createOnce} made. */
  once: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  /** Epoch seconds before which it does not run. */
  delayed: Type.Optional(Type.Number()),
  /** What its task keeps to go on from: one JSON value. */
  checkpoint: Type.Optional(Type.Unknown()),
  error: Type.Union([Type.String(), Type.Null()]),
  result: Type.Unknown(),
  /** 1, and one more for each retry. */
  attempts: Type.Number(),
  /** The number of crashes that interrupted it. */
  retries: Type.Number(),
  /** Fractional epoch seconds; null if it has not happened. */
  created: Type.Number(),
  started: Time,
  finished: Time,
});
export type JobRecord = Static<typeof JobRecord>;

export type NewJob = Pick<JobRecord, "task" | "args" | "actor" | "priority" | "notes">;

/** A job that waits for its first attempt; the store gives it an id. */
export const waitingJob = (job: NewJob, now: number, once?: string): Omit<JobRecord, "id"> => ({
  ...job,
  ...(once !== undefined && { once }),
  ...{ state: "inactive", error: null, result: null, attempts: 1, retries: 0 },
  ...{ created: now, started: null, finished: null },
});

export interface JobStore {
  /** The ids grow and are never given again. */
  create(job: NewJob, now: number): Promise<JobRecord>;
  /**
   * Creates a job unless there is one with the same key, in one step: of several calls with one key, one makes the job. The key is
   * free again when the job is pruned.
   */
  createOnce(job: NewJob, once: string, now: number): Promise<{ job: JobRecord; isNew: boolean }>;
  get(id: number): Promise<JobRecord | undefined>;
  /** Newest first. */
  list(
    filter: { state?: JobState | undefined },
    page: number,
    size: number,
  ): Promise<{ total: number; items: JobRecord[] }>;
  /** Jobs in these states, by priority (highest first), then oldest first. */
  inStates(...states: JobState[]): Promise<JobRecord[]>;
  /**
   * Changes a job that has not ended.
   * @param claim the job's claim, of {@link JobClaims}; nothing changes if the job has another claim
   * @returns the job after the change; undefined if nothing changed
   */
  update(
    id: number,
    patch: Partial<Omit<JobRecord, "id" | "task" | "args" | "actor" | "created" | "once">>,
    claim?: string,
  ): Promise<JobRecord | undefined>;
  /** Removes jobs that ended before a time. */
  prune(before: number): Promise<void>;
}

/** A job that a worker runs. It loses the job when the claim is not renewed in time. */
export interface ClaimedJob {
  /** `active` if another worker began it and lost it. */
  job: JobRecord;
  claim: string;
  /** Whether further jobs may be waiting. */
  more: boolean;
}

/** Distributes the jobs of a store to several workers, each job to one at a time. */
export interface JobClaims {
  /** The next job without a worker whose time has come: first a lost one, then by priority (highest first), then the oldest. */
  next(lifeMs: number): Promise<ClaimedJob | undefined>;
  /** Renews claims. Answers the jobs that the worker has no more: they ended, or another worker has them. */
  renew(claims: ReadonlyMap<number, string>, lifeMs: number): Promise<number[]>;
}

/** What batches did to archives. It is removed with the job. */
export interface BatchStore {
  /**
   * Notes what a batch does to one archive, or changes that note. Relaxed; see {@link Durability}.
   * @throws HitagiError JOB_NOT_FOUND
   */
  put(job: number, item: BatchItem): Promise<void>;
  get(job: number, archive: string): Promise<BatchItem | undefined>;
  /** In the order in which they were first noted. */
  list(
    job: number,
    filter: { outcome?: BatchOutcome | undefined },
    page: number,
    size: number,
  ): Promise<{ total: number; items: BatchItem[] }>;
  counts(job: number): Promise<BatchCounts>;
  /** The archives noted with any outcome but `pending`. */
  ended(job: number): Promise<string[]>;
}
