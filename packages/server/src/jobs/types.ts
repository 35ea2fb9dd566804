import type { Actor, HitagiError, JobState } from "@hitagi/contract";
import type { Logger } from "pino";
import type { EnsureFresh } from "../freshness.ts";
import type { JobRecord, JobStore } from "../store/types.ts";

/** What a running job is given. */
export interface JobContext {
  readonly id: number;
  /** Who queued the job; what the job does is recorded as theirs. */
  readonly actor: Actor;
  /** Aborts when the job is cancelled, the server stops, or another server may soon be given the job. */
  readonly signal: AbortSignal;
  /** Shows in the job's notes; stored at most a few times a second. */
  note(notes: Record<string, string>): void;
  /** Shorthand for notes `done`, `total` and `note`. */
  progress(done: number, total: number, note?: string): void;
  /** Whether the job was paused since it began. Known from its stored notes, so that a task that notes nothing is not told. */
  isPaused(): boolean;
  /** What the task kept in an earlier run; undefined if nothing. */
  readonly checkpoint: unknown;
  /** Keeps one JSON value for a later run of the job, and replaces the one before. */
  keep(checkpoint: unknown): Promise<void>;
  /**
   * Waits without a worker's place, before the job has had an effect, or again after it: other jobs run meanwhile. A job
   * that is interrupted while it waits runs again later, even if its task is not repeatable.
   */
  waitOutside<T>(wait: Promise<T>): Promise<T>;
}

/** Of the parts of a job's work, such as the archives of a batch: how many failed, of how many. */
export interface PartsFailed {
  failed: number;
  total: number;
}

/** A job's result in LANraragi's form, with the code and hint of a failure added. One whose task ran to its end may have failed in parts. */
export type JobResult =
  | ({ success: 1; error: null; data?: unknown } & Partial<PartsFailed>)
  | { success: 0; error: string; code?: string; hint?: string; data?: unknown };

/** What runs the jobs of one name. The queue stores their arguments and does not know what they mean. */
export interface Task {
  readonly name: string;
  /** Whether a job that was interrupted may run again from its start. */
  readonly repeatable: boolean;
  /** Returns the job's result, or `Delayed` to go on later. A throw ends the job as `finished` with `{success: 0, error, code, hint}`, as LANraragi's clients expect. */
  run(context: JobContext, args: readonly unknown[]): Promise<unknown>;
}

export interface EnqueueOptions {
  /** The server itself where absent. */
  actor?: Actor | undefined;
  /** Higher ones run first; 0 where absent. */
  priority?: number;
  notes?: Record<string, string>;
  /** A key by which the job is queued at most once while it is kept: a repeated call answers the first job. */
  once?: string | undefined;
}

/** A queue of jobs, kept in the store. */
export interface Jobs {
  /** Adds a task; all are added before `start`. */
  define(task: Task): void;
  /** Resumes what an earlier process left: repeatable jobs run again, others fail with JOB_INTERRUPTED. */
  start(): Promise<void>;
  /**
   * @returns the job's id
   * @throws HitagiError STOPPING
   */
  enqueue(task: string, args: unknown[], options?: EnqueueOptions): Promise<number>;
  /** @throws HitagiError JOB_NOT_FOUND */
  get(id: number): Promise<JobRecord>;
  list(
    state: JobState | undefined,
    page: number,
    size: number,
  ): Promise<{ total: number; items: JobRecord[] }>;
  /**
   * Ends a waiting job at once, and a running one by its signal.
   * @returns false where it had already ended
   * @throws HitagiError JOB_NOT_FOUND
   */
  cancel(id: number): Promise<boolean>;
  /**
   * Delays a job until it is resumed: a waiting one at once, a running one when its task looks at {@link JobContext.isPaused}.
   * @returns false where it has ended
   * @throws HitagiError JOB_NOT_FOUND
   */
  pause(id: number): Promise<boolean>;
  /**
   * Lets a job go on that is delayed or paused.
   * @param checkpoint what its task finds in place of what it kept
   * @returns false where it is neither
   * @throws HitagiError JOB_NOT_FOUND
   */
  resume(id: number, checkpoint?: unknown): Promise<boolean>;
  /**
   * Begins no more jobs, waits `graceMs` for running ones, then aborts them. One that waits outside of the places is aborted at
   * once. Waiting jobs stay for the next start.
   */
  stop(graceMs: number): Promise<void>;
}

/** What running a job needs. */
export interface RunDeps {
  store: JobStore;
  tasks: ReadonlyMap<string, Task>;
  ensureFresh: EnsureFresh;
  /** The time in epoch seconds. */
  now: () => number;
  log: Pick<Logger, "warn" | "error">;
}

/** Runs jobs, a few at once. A job that is added twice runs once. */
export interface Runner {
  /** Tells that a job waits. A delayed one begins when its time has come. */
  add(job: Pick<JobRecord, "id" | "task" | "priority" | "state" | "delayed">): void;
  start(): void;
  /** Aborts a job that runs here. @returns false where it does not run here */
  abort(id: number, reason: HitagiError): boolean;
  /** Begins no more jobs, waits for running ones, then aborts them. */
  stop(graceMs: number): Promise<void>;
}
