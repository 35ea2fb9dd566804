import type { Actor, JobState } from "@hitagi/contract";

/** A job as it is stored. */
export interface JobRecord {
  id: number;
  task: string;
  args: unknown[];
  /** Who queued it. */
  actor: Actor;
  state: JobState;
  priority: number;
  notes: Record<string, string>;
  error: string | null;
  result: unknown;
  /** How often it was begun or is to be begun: 1, and one more for each retry. */
  attempts: number;
  /** How often it was cut off by a crash. */
  retries: number;
  /** Fractional epoch seconds; null where it has not happened. */
  created: number;
  started: number | null;
  finished: number | null;
}

export interface JobStore {
  /** The ids grow and are never given again. */
  create(
    job: Pick<JobRecord, "task" | "args" | "actor" | "priority" | "notes">,
    now: number,
  ): Promise<JobRecord>;
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
    patch: Partial<Omit<JobRecord, "id" | "task" | "args" | "actor" | "created">>,
    claim?: string,
  ): Promise<JobRecord | undefined>;
  /** Removes jobs that ended before a time. */
  prune(before: number): Promise<void>;
}

/** A job that a worker has until it has ended, or until its claim is not renewed for a life. */
export interface ClaimedJob {
  /** `active` where a worker before began it and lost it. */
  job: JobRecord;
  claim: string;
  /** Whether others may be waiting, so that asking again is worth it. */
  more: boolean;
}

/** Hands the jobs of a store to several workers, each job to one of them at a time. */
export interface JobClaims {
  /** The next job that no worker has: first what one lost, then by priority (highest first), then the oldest. */
  next(lifeMs: number): Promise<ClaimedJob | undefined>;
  /** Lets claims live for another life. Answers the jobs that are the worker's no more: they ended, or another has them. */
  renew(claims: ReadonlyMap<number, string>, lifeMs: number): Promise<number[]>;
}
