import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { EnsureFresh } from "../freshness.ts";
import type { JobRecord, JobStore } from "../store/types.ts";
import { createNotes, type Notes } from "./notes.ts";
import { failed, finished, isFailure, type JobPatch, knownError } from "./outcome.ts";
import type { JobContext, Task } from "./types.ts";

export interface RunDeps {
  store: JobStore;
  tasks: ReadonlyMap<string, Task<unknown[]>>;
  /** See {@link EnsureFresh}. */
  ensureFresh: EnsureFresh;
  /** The time in epoch seconds. */
  now: () => number;
  log: Pick<Logger, "warn" | "error">;
}

/** How a job that was cut off by a stop or a crash goes on: again from the start, or not at all. */
export const cutOff = (task: Task<unknown[]> | undefined, at: number): JobPatch =>
  task?.repeatable ? { state: "inactive", started: null } : failed(new HitagiError("JOB_INTERRUPTED"), at);

const contextOf = ({ id, actor }: JobRecord, signal: AbortSignal, notes: Notes): JobContext => ({
  id,
  actor,
  signal,
  note: notes.set,
  progress: (done, total, note) =>
    notes.set({ done: String(done), total: String(total), ...(note !== undefined && { note }) }),
});

type Outcome = { value: unknown } | { thrown: unknown };

const attempt = async (
  task: Task<unknown[]> | undefined,
  { task: name, args }: JobRecord,
  context: JobContext,
): Promise<Outcome> => {
  try {
    if (!task) throw new TypeError(`No task is named ${name}`);
    return { value: await task.run(context, ...args) };
  } catch (thrown) {
    return { thrown };
  }
};

/** How a job ends, by what its task did and why it was aborted, if it was. */
const ending = (
  { tasks, now, log }: RunDeps,
  { id, task }: JobRecord,
  signal: AbortSignal,
  outcome: Outcome,
): JobPatch => {
  if ("value" in outcome && !(signal.aborted && isFailure(outcome.value))) return finished(outcome, now());
  if (isHitagiError(signal.reason, "JOB_CANCELLED")) return failed(signal.reason, now());
  if (signal.aborted) return cutOff(tasks.get(task), now());
  const error = knownError("thrown" in outcome ? outcome.thrown : undefined, id);
  if (error.code === "INTERNAL") log.error({ err: error.cause, job: id, task }, "a job failed unexpectedly");
  return finished({ error }, now());
};

/** How a job ends that was aborted before its task began: cancelled, or left for the next start. */
const beforeItsTurn = ({ reason }: AbortSignal, at: number): JobPatch =>
  isHitagiError(reason, "JOB_CANCELLED") ? failed(reason, at) : { state: "inactive", started: null };

/** Runs a task to its end, whatever it throws. */
const perform = async (deps: RunDeps, job: JobRecord, signal: AbortSignal): Promise<JobPatch> => {
  const { store, tasks, log } = deps;
  const notes = createNotes(job.notes, (written) => {
    store.update(job.id, { notes: written }).catch((err: unknown) => {
      log.warn({ err, job: job.id }, "a job's notes could not be stored");
    });
  });
  const outcome = await attempt(tasks.get(job.task), job, contextOf(job, signal, notes));
  return { ...ending(deps, job, signal, outcome), notes: notes.close() };
};

/** Times that the end of a job is given to a store that cannot be reached: once to a connection that is dead, and to the next. */
const TRIES = 3;

/**
 * Stores how a job ended; where its result cannot be stored, that it failed. What went well is no failure because the store was away
 * for a moment.
 */
const settle = async ({ store, now, log }: RunDeps, id: number, patch: JobPatch): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      return void (await store.update(id, patch));
    } catch (err) {
      if (isHitagiError(err, "STORE_UNREACHABLE") && tries < TRIES) continue;
      log.error({ err, job: id }, "how a job ended could not be stored");
      return void (await store.update(id, finished({ error: knownError(err, id) }, now())));
    }
  }
};

/**
 * Runs one job from the queue and stores how it went. A job that was cancelled before its turn is left alone.
 * @param claimed the job as it was handed out, where nobody but its holder changes it; read anew where it is not given
 * @throws HitagiError where the store fails; the job then stays `active` and is taken for cut off at the next start
 */
export const runJob = async (
  deps: RunDeps,
  id: number,
  signal: AbortSignal,
  claimed?: JobRecord,
): Promise<void> => {
  await deps.ensureFresh();
  const job = claimed ?? (await deps.store.get(id));
  if (!job || !(await deps.store.update(id, { state: "active", started: deps.now() }))) return;
  await settle(
    deps,
    id,
    signal.aborted ? beforeItsTurn(signal, deps.now()) : await perform(deps, job, signal),
  );
};
