import { HitagiError, LAST_EPOCH, SERVER_ACTOR } from "@hitagi/contract";
import { alwaysFresh, type EnsureFresh } from "../freshness.ts";
import type { JobClaims, JobStore } from "../store/types.ts";
import { isDelayed, isPausing } from "./delayed.ts";
import { createLocalRunner } from "./local-runner.ts";
import { failed, waitingJobs } from "./outcome.ts";
import { createSharedRunner } from "./shared-runner.ts";
import type { Jobs, RunDeps, Task } from "./types.ts";

export interface JobsOptions {
  store: JobStore;
  /** How many jobs run at once. */
  concurrency: number;
  ensureFresh?: EnsureFresh;
  log: RunDeps["log"];
  /** The time in epoch seconds, with fractions. */
  now?: () => number;
  /** Seconds that a job is kept after its end; a week where absent. */
  retentionSeconds?: number;
  /** Present where other servers run jobs of the same store. */
  claims?: JobClaims | undefined;
  /** Milliseconds that a claim lives without being renewed. */
  claimMs?: number;
  /** Milliseconds between two queries for jobs that other servers queued or lost. */
  pollMs?: number;
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

/** A queue over a store, which one process has for itself or several share by claims. */
export const createJobs = (options: JobsOptions): Jobs => {
  const { store, claims, concurrency, log, ensureFresh = alwaysFresh } = options;
  const { now = () => Date.now() / 1000, retentionSeconds = WEEK, claimMs = 10_000, pollMs = 1000 } = options;
  const tasks = new Map<string, Task>();
  const deps: RunDeps = { store, tasks, ensureFresh, now, log };
  const prune = createPruning(store, now, retentionSeconds);
  const runner = claims
    ? createSharedRunner(deps, claims, { concurrency, claimMs, pollMs }, prune)
    : createLocalRunner(deps, concurrency, prune);
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
      // With claims, jobs of a crashed server are handed out once its claims have ended.
      if (!claims) for (const job of await waitingJobs(deps)) runner.add(job);
      runner.start();
    },
    enqueue: async (task, args, { actor = SERVER_ACTOR, priority = 0, notes = {}, once } = {}) => {
      if (stopping) throw new HitagiError("STOPPING");
      if (!tasks.has(task)) throw new TypeError(`No task is named ${task}`);
      const queued = { task, args, actor, priority, notes };
      const job =
        once === undefined
          ? await store.create(queued, now())
          : (await store.createOnce(queued, once, now())).job;
      if (!stopping) runner.add(job);
      return job.id;
    },
    get,
    list: (state, page, size) => store.list({ state }, page, size),
    cancel: async (id) => {
      const { state } = await get(id);
      if (state === "finished" || state === "failed") return false;
      const reason = new HitagiError("JOB_CANCELLED");
      return runner.abort(id, reason) || (await store.update(id, failed(reason, now()))) !== undefined;
    },
    pause: async (id) => {
      await get(id);
      return (await store.update(id, { delayed: LAST_EPOCH })) !== undefined;
    },
    resume: async (id, checkpoint = null) => {
      const job = await get(id);
      // One that still runs keeps what it knows.
      const kept = isPausing(job, now()) ? {} : { checkpoint };
      if (!isDelayed(job, now()) && !isPausing(job, now())) return false;
      const resumed = await store.update(id, { delayed: now(), ...kept });
      if (resumed && !stopping) runner.add(resumed);
      return resumed !== undefined;
    },
    stop: async (graceMs) => {
      stopping = true;
      await runner.stop(graceMs);
    },
  };
};
