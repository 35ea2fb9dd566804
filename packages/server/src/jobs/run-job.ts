import { isHitagiError } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";
import { Delayed, isDelayed, isPausing } from "./delayed.ts";
import {
  failed,
  finished,
  interrupted,
  isFailure,
  type JobPatch,
  knownError,
  WAITS,
  waitsAgain,
} from "./outcome.ts";
import type { Places } from "./places.ts";
import type { JobContext, RunDeps, Task } from "./types.ts";

/** Milliseconds between two writes of one job's notes. */
const WRITE_EVERY = 200;

/** The notes of a running job, which are stored less often than they change. */
interface Notes {
  set(notes: Record<string, string>): void;
  /** All of them now. */
  all(): Record<string, string>;
  /** Stops writing. @returns the notes, for the caller to store */
  close(): Record<string, string>;
}

/**
 * @param initial the notes that the job was queued with
 * @param write stores all notes; called at once, then at most every 200 ms while they change
 */
export const createNotes = (
  initial: Record<string, string>,
  write: (notes: Record<string, string>) => void,
): Notes => {
  let notes = initial;
  let changed = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const flush = (): void => {
    timer = undefined;
    if (!changed) return;
    changed = false;
    write(notes);
    timer = setTimeout(flush, WRITE_EVERY);
  };
  return {
    set: (more) => {
      if (closed) return;
      const texts = Object.entries(more).map(([name, value]) => [name, String(value)]);
      notes = { ...notes, ...Object.fromEntries(texts) };
      changed = true;
      if (!timer) flush();
    },
    all: () => notes,
    close: () => {
      closed = true;
      clearTimeout(timer);
      return notes;
    },
  };
};

const contextOf = (
  { id, actor, checkpoint }: JobRecord,
  signal: AbortSignal,
  notes: Notes,
  more: Pick<JobContext, "waitOutside" | "keep" | "isPaused">,
): JobContext => ({
  ...more,
  checkpoint,
  id,
  actor,
  signal,
  note: notes.set,
  progress: (done, total, note) =>
    notes.set({ done: String(done), total: String(total), ...(note !== undefined && { note }) }),
});

type Outcome = { value: unknown } | { thrown: unknown };

const attempt = async (
  task: Task | undefined,
  { task: name, args }: JobRecord,
  context: JobContext,
): Promise<Outcome> => {
  try {
    if (!task) throw new TypeError(`No task is named ${name}`);
    return { value: await task.run(context, args) };
  } catch (thrown) {
    return { thrown };
  }
};

/** The end of a job, by what its task did and why it was aborted, if it was. @param waits it was aborted while it waited */
const endOf = (
  { tasks, now, log }: RunDeps,
  { id, task }: JobRecord,
  signal: AbortSignal,
  outcome: Outcome,
  waits: boolean,
): JobPatch => {
  if (
    "value" in outcome &&
    outcome.value instanceof Delayed &&
    !isHitagiError(signal.reason, "JOB_CANCELLED")
  )
    return {
      ...{ state: "inactive" as const },
      ...(outcome.value.until !== undefined && { delayed: outcome.value.until }),
    };
  if ("value" in outcome && !(signal.aborted && isFailure(outcome.value))) return finished(outcome, now());
  if (isHitagiError(signal.reason, "JOB_CANCELLED")) return failed(signal.reason, now());
  if (signal.aborted) return interrupted(tasks.get(task), now(), waits);
  const error = knownError("thrown" in outcome ? outcome.thrown : undefined, id);
  if (error.code === "INTERNAL") log.error({ err: error.cause, job: id, task }, "a job failed unexpectedly");
  return finished({ error }, now());
};

/** The next state of a job that was aborted before its task began: cancelled, or waiting for the next start. */
const notBegun = ({ reason }: AbortSignal, at: number): JobPatch =>
  isHitagiError(reason, "JOB_CANCELLED") ? failed(reason, at) : waitsAgain;

/** Waits of a job outside of the places of running jobs. Its stored notes say so, for a server that starts after a crash. */
const createWaits = ({ store }: RunDeps, id: number, signal: AbortSignal, notes: Notes, places: Places) => {
  let waiting = 0;
  return {
    waitsOnly: () => waiting > 0,
    waitOutside: async <T>(wait: Promise<T>): Promise<T> => {
      waiting++;
      notes.set({ [WAITS]: "yes" });
      const back = places.leave();
      try {
        const result = await wait.finally(() => {
          if (!signal.aborted) waiting--;
        });
        notes.set({ [WAITS]: "no" });
        // Stored before the task has an effect, which must not happen twice.
        await store.update(id, { notes: notes.all() });
        return result;
      } finally {
        back();
      }
    },
  };
};

const runTask = async (
  deps: RunDeps,
  job: JobRecord,
  signal: AbortSignal,
  places: Places,
): Promise<JobPatch> => {
  const { store, tasks, now, log } = deps;
  let paused = isPausing(job, now());
  const notes = createNotes(job.notes, (written) => {
    store.update(job.id, { notes: written }).then(
      (stored) => {
        paused = stored !== undefined && isPausing(stored, now());
      },
      (err: unknown) => log.warn({ err, job: job.id }, "a job's notes could not be stored"),
    );
  });
  const keep = async (checkpoint: unknown): Promise<void> =>
    void (await store.update(job.id, { checkpoint }));
  const waits = createWaits(deps, job.id, signal, notes, places);
  const more = { ...waits, keep, isPaused: () => paused };
  const outcome = await attempt(tasks.get(job.task), job, contextOf(job, signal, notes, more));
  return { ...endOf(deps, job, signal, outcome, waits.waitsOnly()), notes: notes.close() };
};

/** The first try may go to a connection that is dead, the next to a new one. */
const TRIES = 3;

/** Stores how a job ended. Where its result cannot be stored, for one because it is no JSON, its failure is. */
const storeEnd = async (
  { store, now, log }: RunDeps,
  id: number,
  patch: JobPatch,
): Promise<JobRecord | undefined> => {
  for (let tries = 1; ; tries++) {
    try {
      return await store.update(id, patch);
    } catch (err) {
      if (isHitagiError(err, "STORE_UNREACHABLE") && tries < TRIES) continue;
      log.error({ err, job: id }, "a job's end could not be stored");
      return store.update(id, finished({ error: knownError(err, id) }, now()));
    }
  }
};

/**
 * Runs one job from the queue and stores how it ended. A job that had ended before, or was paused, is left alone.
 * @param claimed the job as its claim was given, so that it is not read again
 * @returns the job as it was stored at its end
 * @throws HitagiError where the store fails; the job then stays `active` and counts as interrupted at the next start
 */
export const runJob = async (
  deps: RunDeps,
  id: number,
  signal: AbortSignal,
  places: Places,
  claimed?: JobRecord,
): Promise<JobRecord | undefined> => {
  await deps.ensureFresh();
  const found = claimed ?? (await deps.store.get(id));
  // A claim ends with a run only, so that a claimed one is begun also if it was paused meanwhile.
  if (!found || (!claimed && isDelayed(found, deps.now()))) return found;
  // A job that goes on from a pause keeps its first start.
  const started = found.started ?? deps.now();
  const job = await deps.store.update(id, { state: "active", started });
  if (!job) return undefined;
  const end = signal.aborted ? notBegun(signal, deps.now()) : await runTask(deps, job, signal, places);
  return storeEnd(deps, id, end);
};
