import { type ErrorCode, HitagiError } from "@hitagi/contract";
import type { JobRecord, JobStore } from "../store/types.ts";
import type { JobResult, PartsFailed, RunDeps, Task } from "./types.ts";

/** The note of a job that waits outside: `yes` while it does. */
export const WAITS = "waits";

export type JobPatch = Parameters<JobStore["update"]>[1];

const failureOf = ({ message, code, hint }: HitagiError): JobResult => ({
  success: 0,
  error: message,
  code,
  hint,
});

/** The error that is shown. One that is not of the error table stays in the log, because its text may name anything. */
export const knownError = (thrown: unknown, id: number): HitagiError =>
  thrown instanceof HitagiError
    ? thrown
    : new HitagiError("INTERNAL", { requestId: `job ${id}` }, { cause: thrown });

/** The end of a job whose task returned or threw: LANraragi's clients look for a failure in the result. */
export const finished = (outcome: { value: unknown } | { error: HitagiError }, at: number): JobPatch => ({
  state: "finished",
  result: "error" in outcome ? failureOf(outcome.error) : (outcome.value ?? null),
  finished: at,
});

/** The end of a job whose task could not run to its own end: it was cancelled or interrupted. */
export const failed = (error: HitagiError, at: number): JobPatch => ({
  state: "failed",
  error: error.message,
  result: failureOf(error),
  finished: at,
});

export const isFailure = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "success" in value && value.success === 0;

/** Whether its task ran to its end, though parts of the work may have failed. */
export const isDone = ({ state, result }: Pick<JobRecord, "state" | "result">): boolean =>
  state === "finished" && !isFailure(result);

/** The parts of a job's work that failed, of all; undefined if none did. */
export const partsFailed = (job: Pick<JobRecord, "state" | "result">): PartsFailed | undefined => {
  if (!isDone(job)) return undefined;
  const { failed, total } = (job.result ?? {}) as Partial<PartsFailed>;
  return typeof failed === "number" && failed > 0 ? { failed, total: total ?? failed } : undefined;
};

/** `ok` or the code of the failure; null for a job that has not ended. */
export const outcomeOf = (job: Pick<JobRecord, "state" | "result">): string | null => {
  const { state, result } = job;
  if (state !== "finished" && state !== "failed") return null;
  if (isDone(job)) return partsFailed(job) ? ("SOME_FAILED" satisfies ErrorCode) : "ok";
  const { code } = (result ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "INTERNAL";
};

/** A job that was running in so many crashes is not run again, because it may be their cause. */
const MAX_CRASHES = 3;

/** The state of a job that runs from its start again. */
export const waitsAgain: JobPatch = { state: "inactive", started: null };

/**
 * The next state of a job that a stop or a crash interrupted: it waits again if its task is repeatable or it only waited
 * outside, else it failed.
 */
export const interrupted = (task: Task | undefined, at: number, onlyWaited = false): JobPatch =>
  onlyWaited || task?.repeatable ? waitsAgain : failed(new HitagiError("JOB_INTERRUPTED"), at);

/** Stores the next state of a job that was running when its server crashed. @returns whether it waits again */
export const storeInterrupted = async (
  { store, tasks, now, log }: RunDeps,
  job: JobRecord,
): Promise<boolean> => {
  const retries = job.retries + 1;
  const patch: JobPatch =
    retries >= MAX_CRASHES
      ? failed(new HitagiError("JOB_INTERRUPTED"), now())
      : interrupted(tasks.get(job.task), now(), job.notes[WAITS] === "yes");
  const waits = patch.state === "inactive";
  await store.update(job.id, { ...patch, retries, attempts: job.attempts + Number(waits) });
  log.warn(
    { job: job.id, task: job.task, retries, state: patch.state },
    "a crash of the server interrupted a job",
  );
  return waits;
};

/** The jobs that an earlier process left, in their order, once interrupted ones have their next state. */
export const waitingJobs = async (deps: RunDeps): Promise<JobRecord[]> => {
  const waiting: JobRecord[] = [];
  for (const job of await deps.store.inStates("active", "inactive")) {
    if (job.state !== "active" || (await storeInterrupted(deps, job))) waiting.push(job);
  }
  return waiting;
};
