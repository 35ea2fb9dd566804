import { HitagiError } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";
import { failed } from "./outcome.ts";
import { cutOff, type RunDeps } from "./run-job.ts";

/** Crashes that a job may be running at; one that brings the server down every time must not do so for ever. */
const MAX_CRASHES = 3;

/** Prepares a job that was running when the last server ended. Answers whether it is to run again. */
export const repair = async ({ store, tasks, now, log }: RunDeps, job: JobRecord): Promise<boolean> => {
  const retries = job.retries + 1;
  const task = tasks.get(job.task);
  const poisonous = retries >= MAX_CRASHES;
  const patch = poisonous ? failed(new HitagiError("JOB_INTERRUPTED"), now()) : cutOff(task, now());
  await store.update(job.id, {
    ...patch,
    retries,
    attempts: job.attempts + (patch.state === "failed" ? 0 : 1),
  });
  log.warn({ job: job.id, task: job.task, retries, state: patch.state }, "a job was cut off by a crash");
  return patch.state === "inactive";
};

/**
 * What an earlier server left: the jobs to run, in their order. Those that ran are made ready to run again
 * where their task is repeatable, and fail with JOB_INTERRUPTED otherwise, or when they were running at three crashes.
 */
export const takeUp = async (deps: RunDeps): Promise<JobRecord[]> => {
  const ready: JobRecord[] = [];
  for (const job of await deps.store.inStates("active", "inactive")) {
    if (job.state === "active" && !(await repair(deps, job))) continue;
    ready.push(job);
  }
  return ready;
};
