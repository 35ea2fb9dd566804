import { HitagiError } from "@hitagi/contract";
import type { ClaimedJob, JobClaims, JobStore } from "../store/types.ts";
import { type RunDeps, runJob } from "./run-job.ts";
import { createRunning, type Runner } from "./running.ts";
import { repair } from "./take-up.ts";

export interface ClaimingOptions {
  /** How many jobs run here at once. */
  concurrency: number;
  /** Milliseconds that a claim outlives a worker that died. */
  claimMs: number;
  /** Milliseconds between two looks for jobs that others made or lost. */
  pollMs: number;
}

/** A store whose changes of jobs count only under a claim. */
const under = (store: JobStore, claim: string): JobStore => ({
  ...store,
  update: (id, patch) => store.update(id, patch, claim),
});

/**
 * Runs jobs of a store that other workers take jobs from too. Each job is claimed before it is begun, and the claim renewed
 * while it runs; a worker that lost it is aborted, and nothing that it writes afterwards counts.
 */
export const createClaimingRunner = (
  deps: RunDeps,
  claims: JobClaims,
  { concurrency, claimMs, pollMs }: ClaimingOptions,
  afterEach: () => Promise<void>,
): Runner => {
  const running = createRunning();
  const held = new Map<number, string>();
  let started = false;
  let stopping = false;
  let looking: Promise<void> | undefined;
  let again = false;
  let failing = false;

  const run = async (mine: RunDeps, { job }: ClaimedJob, signal: AbortSignal): Promise<void> => {
    // One that a worker before began and lost waits again where that is safe, and fails otherwise.
    if (job.state === "active") await repair(mine, job);
    else await runJob(mine, job.id, signal);
  };
  const begin = (claimed: ClaimedJob): void => {
    const { job, claim } = claimed;
    held.set(job.id, claim);
    const mine: RunDeps = { ...deps, store: under(deps.store, claim) };
    const work = (signal: AbortSignal) => run(mine, claimed, signal).then(afterEach);
    void running.begin(mine, job, work).then(() => {
      if (held.get(job.id) === claim) held.delete(job.id);
      wake();
    });
  };
  const take = async (): Promise<void> => {
    while (!stopping && running.size() < concurrency) {
      const claimed = await claims.next(claimMs);
      if (!claimed) return;
      begin(claimed);
    }
  };
  const look = async (): Promise<void> => {
    do {
      again = false;
      await take();
    } while (again && !stopping);
  };
  const wake = (): void => {
    again = true;
    if (!started || stopping || looking) return;
    looking = look()
      .then(() => {
        failing = false;
      })
      .catch((err: unknown) => {
        if (!failing) deps.log.warn({ err }, "no jobs can be taken up");
        failing = true;
        again = false;
      })
      .finally(() => {
        looking = undefined;
        if (again) wake();
      });
  };
  const renew = async (): Promise<void> => {
    if (held.size === 0) return;
    for (const id of await claims.renew(new Map(held), claimMs)) {
      running.abort(id, new HitagiError("JOB_CANCELLED"));
    }
  };
  const timers: NodeJS.Timeout[] = [];
  const every = (ms: number, work: () => void): void => void timers.push(setInterval(work, ms).unref());

  return {
    add: wake,
    start: () => {
      started = true;
      every(pollMs, wake);
      every(claimMs / 3, () => {
        renew().catch((err: unknown) => deps.log.warn({ err }, "jobs could not be kept"));
      });
      wake();
    },
    abort: running.abort,
    stop: async (graceMs) => {
      stopping = true;
      await looking;
      await running.stop(graceMs);
      for (const timer of timers) clearInterval(timer);
    },
  };
};
