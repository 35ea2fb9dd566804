import { HitagiError } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";
import { failed, type JobPatch } from "./outcome.ts";
import type { RunDeps, Task } from "./types.ts";

/** A job that was running in so many crashes is not run again, because it may be their cause. */
const MAX_CRASHES = 3;

/** The next state of a job that a stop or a crash interrupted: it waits again where its task is repeatable, else it failed. */
export const interrupted = (task: Task | undefined, at: number): JobPatch =>
  task?.repeatable ? { state: "inactive", started: null } : failed(new HitagiError("JOB_INTERRUPTED"), at);

/** Stores the next state of a job that was running when its server crashed. @returns whether it waits again */
export const storeInterrupted = async (
  { store, tasks, now, log }: RunDeps,
  job: JobRecord,
): Promise<boolean> => {
  const retries = job.retries + 1;
  const patch =
    retries >= MAX_CRASHES
      ? failed(new HitagiError("JOB_INTERRUPTED"), now())
      : interrupted(tasks.get(job.task), now());
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
