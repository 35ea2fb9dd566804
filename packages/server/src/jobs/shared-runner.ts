import { HitagiError, isHitagiError } from "@hitagi/contract";
import { createLease, type Lease } from "../async/lease.ts";
import type { ClaimedJob, JobClaims, JobStore } from "../store/types.ts";
import { failed } from "./outcome.ts";
import { repair } from "./resume.ts";
import { type RunDeps, runJob } from "./run-job.ts";
import { createRunning, type Runner } from "./running.ts";

export interface ClaimingOptions {
  /** How many jobs run here at once. */
  concurrency: number;
  /** Milliseconds that a claim outlives a worker that died. */
  claimMs: number;
  /** Milliseconds between two looks for jobs that others made or lost. */
  pollMs: number;
}

/** A claim, and for how long it is surely this worker's. */
interface Held {
  claim: string;
  lease: Lease;
}

/** The part of a claim's life after which a job that was not kept is ended, so that it has ended when another may have it. */
const SURE = 0.8;
/** Looks in a claim's life whether a job is to be ended. */
const LOOKS = 20;

/** A store whose changes of jobs count only under a claim. */
const under = (store: JobStore, claim: string): JobStore => ({
  ...store,
  update: (id, patch) => store.update(id, patch, claim),
});

/**
 * Runs jobs of a store that other workers take jobs from too. Each job is claimed before it is begun, and the claim renewed
 * while it runs. A job that cannot be kept, as without Redis, is ended before another worker may have it, and nothing that a worker
 * writes under a claim that it lost counts.
 */
export const createClaimingRunner = (
  deps: RunDeps,
  claims: JobClaims,
  { concurrency, claimMs, pollMs }: ClaimingOptions,
  afterEach: () => Promise<void>,
): Runner => {
  const running = createRunning();
  const held = new Map<number, Held>();
  let started = false;
  let stopping = false;
  let looking: Promise<void> | undefined;
  let again = false;
  let failing = false;

  const run = async (mine: RunDeps, { job }: ClaimedJob, signal: AbortSignal): Promise<void> => {
    if (job.state !== "active") return runJob(mine, job.id, signal, job);
    // One that a worker before began and lost waits again where that is safe, and fails otherwise.
    const { reason } = signal;
    if (!isHitagiError(reason, "JOB_CANCELLED")) await repair(mine, job);
    else await mine.store.update(job.id, failed(reason, mine.now()));
  };
  const begin = (claimed: ClaimedJob, lease: Lease): void => {
    const { job, claim } = claimed;
    const kept: Held = { claim, lease };
    held.set(job.id, kept);
    const mine: RunDeps = { ...deps, store: under(deps.store, claim) };
    const work = (signal: AbortSignal) => run(mine, claimed, signal).then(afterEach);
    void running.begin(mine, job, work).then(() => {
      if (held.get(job.id) === kept) held.delete(job.id);
      wake();
    });
  };
  const take = async (): Promise<void> => {
    while (!stopping && running.size() < concurrency) {
      const lease = createLease(claimMs * SURE);
      const asked = lease.mark();
      const claimed = await claims.next(claimMs);
      if (!claimed) return;
      lease.from(asked);
      begin(claimed, lease);
      if (!claimed.more) return;
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
    const asked = [...held].map(([id, one]) => ({ id, one, at: one.lease.mark() }));
    const lost = await claims.renew(new Map(asked.map(({ id, one }) => [id, one.claim])), claimMs);
    for (const { id, one, at } of asked) {
      if (held.get(id) !== one) continue;
      if (lost.includes(id)) running.abort(id, new HitagiError("JOB_CANCELLED"));
      else one.lease.from(at);
    }
  };
  const endUnkept = (): void => {
    for (const [id, { lease }] of held) {
      if (!lease.holds()) running.abort(id, new HitagiError("JOB_INTERRUPTED"));
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
      every(claimMs / LOOKS, endUnkept);
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
