import { HitagiError } from "@hitagi/contract";
import { SERVER } from "../history/types.ts";
import type { JobStore } from "../store/types.ts";
import { failed } from "./outcome.ts";
import type { RunDeps } from "./run-job.ts";
import { createRunner } from "./runner.ts";
import { takeUp } from "./take-up.ts";
import type { Jobs, Task } from "./types.ts";

export interface JobsOptions {
  store: JobStore;
  /** How many jobs run at once. */
  concurrency: number;
  log: RunDeps["log"];
  /** The time in epoch seconds. */
  now?: () => number;
  /** Seconds that a job is kept after its end. */
  retentionSeconds?: number;
}

const WEEK = 7 * 24 * 3600;
/** Seconds between two removals of old jobs. */
const PRUNE_EVERY = 3600;
/** Removes jobs that ended long ago, at most once an hour. */
const createPruning = (store: JobStore, now: () => number, retention: number): (() => Promise<void>) => {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    if (now() - last < PRUNE_EVERY) return;
    last = now();
    await store.prune(now() - retention);
  };
};

/** Jobs that run in this process and are kept in its store. */
export const createJobs = (options: JobsOptions): Jobs => {
  const { store, concurrency, log, now = () => Date.now() / 1000, retentionSeconds = WEEK } = options;
  const tasks = new Map<string, Task<unknown[]>>();
  const deps: RunDeps = { store, tasks, now, log };
  const prune = createPruning(store, now, retentionSeconds);
  const runner = createRunner(deps, concurrency, prune);
  let stopping = false;

  const get: Jobs["get"] = async (id) => {
    const job = await store.get(id);
    if (!job) throw new HitagiError("JOB_NOT_FOUND", { id });
    return job;
  };

  return {
    define: (task) => void tasks.set(task.name, task),
    start: async () => {
      await prune();
      for (const job of await takeUp(deps)) runner.add(job);
      runner.start();
    },
    enqueue: async (task, args, { actor = SERVER, priority = 0, notes = {} } = {}) => {
      if (stopping) throw new HitagiError("STOPPING");
      if (!tasks.has(task)) throw new TypeError(`No task is named ${task}`);
      const job = await store.create({ task, args, actor, priority, notes }, now());
      if (!stopping) runner.add(job);
      return job.id;
    },
    get,
    list: (state, page, size) => store.list({ state }, page, size),
    cancel: async (id) => {
      const { state } = await get(id);
      if (state === "finished" || state === "failed") return false;
      const reason = new HitagiError("JOB_CANCELLED");
      return runner.abort(id, reason) || store.update(id, failed(reason, now()));
    },
    stop: async (graceMs) => {
      stopping = true;
      await runner.stop(graceMs);
    },
  };
};
