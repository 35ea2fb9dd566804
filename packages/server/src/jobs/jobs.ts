import { HitagiError } from "@hitagi/contract";
import { alwaysFresh, type EnsureFresh } from "../freshness.ts";
import { SERVER } from "../history/types.ts";
import type { JobClaims, JobStore } from "../store/types.ts";
import { createRunner } from "./local-runner.ts";
import { failed } from "./outcome.ts";
import { takeUp } from "./resume.ts";
import type { RunDeps } from "./run-job.ts";
import type { Runner } from "./running.ts";
import { createClaimingRunner } from "./shared-runner.ts";
import type { Jobs, Task } from "./types.ts";

export interface JobsOptions {
  store: JobStore;
  /** How many jobs run at once. */
  concurrency: number;
  /** See {@link EnsureFresh}. */
  ensureFresh?: EnsureFresh;
  log: RunDeps["log"];
  /** The time in epoch seconds. */
  now?: () => number;
  /** Seconds that a job is kept after its end. */
  retentionSeconds?: number;
  /** Where other workers take jobs from the same store. */
  claims?: JobClaims | undefined;
  /** Milliseconds that a claim outlives a worker that died, and between two looks for jobs of others. */
  claimMs?: number;
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

/** Runs jobs as the store allows: those that nobody else has, or all, with what an earlier process left in the lead. */
const runnerFor = (deps: RunDeps, options: JobsOptions, prune: () => Promise<void>): Runner => {
  const { claims, concurrency, claimMs = 10_000, pollMs = 1000 } = options;
  if (claims) return createClaimingRunner(deps, claims, { concurrency, claimMs, pollMs }, prune);
  return createRunner(deps, concurrency, prune);
};

/** Jobs that are kept in a store and run in this process, alone or beside others. */
export const createJobs = (options: JobsOptions): Jobs => {
  const {
    store,
    log,
    ensureFresh = alwaysFresh,
    now = () => Date.now() / 1000,
    retentionSeconds = WEEK,
  } = options;
  const tasks = new Map<string, Task<unknown[]>>();
  const deps: RunDeps = { store, tasks, ensureFresh, now, log };
  const prune = createPruning(store, now, retentionSeconds);
  const runner = runnerFor(deps, options, prune);
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
      // Claims tell of themselves what nobody has.
      if (!options.claims) for (const job of await takeUp(deps)) runner.add(job);
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
      return runner.abort(id, reason) || (await store.update(id, failed(reason, now()))) !== undefined;
    },
    stop: async (graceMs) => {
      stopping = true;
      await runner.stop(graceMs);
    },
  };
};
