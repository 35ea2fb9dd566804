import type { Actor, JobState } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";

/** What a running job can say and hear. */
export interface JobContext {
  readonly id: number;
  /** Who queued the job, and so does what the job does. */
  readonly actor: Actor;
  /** Aborts when the job is cancelled, the server stops without waiting, or another server may soon be given the job. */
  readonly signal: AbortSignal;
  /** Shows in the job's notes; kept at most a few times a second. */
  note(notes: Record<string, string>): void;
  /** Shorthand for notes `done`, `total` and `note`. */
  progress(done: number, total: number, note?: string): void;
}

/** What a job answers: LANraragi's shape, with the code and hint of a failure beside its words. */
export type JobResult =
  | { success: 1; error: null; data?: unknown }
  | { success: 0; error: string; code?: string; hint?: string; data?: unknown };

export interface Task<A extends unknown[]> {
  readonly name: string;
  /** Whether a job that was cut off by a crash may simply run again. */
  readonly repeatable: boolean;
  /** Throwing ends the job as `finished` with `{success: 0, error, code, hint}`, as LANraragi's clients expect. */
  run(context: JobContext, ...args: A): Promise<unknown>;
}

/** When work runs. */
export interface Jobs {
  /** Makes a kind of job known; all are made known before `start`. */
  define<A extends unknown[]>(task: Task<A>): void;
  /** Takes up what an earlier process left: repeatable jobs run again, others fail with JOB_INTERRUPTED. */
  start(): Promise<void>;
  /** The actor is the server itself where none is named. @throws HitagiError STOPPING */
  enqueue(
    task: string,
    args: unknown[],
    options?: { actor?: Actor; priority?: number; notes?: Record<string, string> },
  ): Promise<number>;
  /** @throws HitagiError JOB_NOT_FOUND */
  get(id: number): Promise<JobRecord>;
  list(
    state: JobState | undefined,
    page: number,
    size: number,
  ): Promise<{ total: number; items: JobRecord[] }>;
  /** Ends a job that has not ended: waiting ones at once, running ones by their signal. @throws JOB_NOT_FOUND */
  cancel(id: number): Promise<boolean>;
  /** Takes no new work, waits for what runs up to `graceMs`, then aborts it. Waiting jobs stay for the next start. */
  stop(graceMs: number): Promise<void>;
}
