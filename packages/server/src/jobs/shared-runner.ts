import { isHitagiError } from "@hitagi/contract";
import { coalesce } from "../async/coalesce.ts";
import { createOutage } from "../async/outage.ts";
import type { ClaimedJob, JobClaims, JobStore } from "../store/types.ts";
import { unchanged, wrapMethods } from "../wrap-methods.ts";
import { createHeldClaims } from "./held-claims.ts";
import { failed, storeInterrupted } from "./outcome.ts";
import { createPlaces, type Places } from "./places.ts";
import { runJob } from "./run-job.ts";
import { createRunning } from "./running.ts";
import type { RunDeps, Runner } from "./types.ts";

export interface SharedRunnerOptions {
  /** How many jobs run here at once. */
  concurrency: number;
  /** Milliseconds that a claim lives without being renewed. */
  claimMs: number;
  /** Milliseconds between two queries for jobs that others queued or lost. */
  pollMs: number;
}

/** Checks in a claim's life, whether it has expired. */
const CHECKS = 20;
/** Renewals in a claim's life. */
const RENEWALS = 3;

/** A store that applies changes of a job only while the claim is held. */
const underClaim = (store: JobStore, claim: string): JobStore =>
  wrapMethods(store, {
    update: (update) => (id, patch) => update(id, patch, claim),
    ...unchanged("create", "createOnce", "get", "list", "inStates", "prune"),
  });

const runClaimed = async (
  deps: RunDeps,
  { job }: ClaimedJob,
  signal: AbortSignal,
  places: Places,
): Promise<void> => {
  if (job.state !== "active") return void (await runJob(deps, job.id, signal, places, job));
  // Another worker began this job and lost it.
  const { reason } = signal;
  if (isHitagiError(reason, "JOB_CANCELLED")) {
    await deps.store.update(job.id, failed(reason, deps.now()));
  } else await storeInterrupted(deps, job);
};

/**
 * Runs jobs of a store from which other workers take jobs too. Each job is claimed before it begins, and its claim renewed
 * while it runs. A job whose claim cannot be renewed is aborted before another worker may claim it, and the store
 * ignores changes under a lost claim.
 */
export const createSharedRunner = (
  deps: RunDeps,
  jobClaims: JobClaims,
  { concurrency, claimMs, pollMs }: SharedRunnerOptions,
  afterEach: () => Promise<void>,
): Runner => {
  const { log, store } = deps;
  const places = createPlaces(() => wake());
  const running = createRunning(places);
  const claims = createHeldClaims(jobClaims, claimMs, running.abort);
  const timers: NodeJS.Timeout[] = [];
  let state: "new" | "started" | "stopping" = "new";
  const outage = createOutage({ onBegin: (err) => log.warn({ err }, "jobs cannot be claimed") });

  const begin = (claimed: ClaimedJob): void => {
    const own: RunDeps = { ...deps, store: underClaim(store, claimed.claim) };
    const run = (signal: AbortSignal, ownPlaces: Places) =>
      runClaimed(own, claimed, signal, ownPlaces).then(afterEach);
    void running.begin(own, claimed.job, run).then(() => {
      claims.release(claimed);
      wake();
    });
  };
  const claiming = coalesce(async (): Promise<void> => {
    while (state === "started" && running.size() - places.waiting() < concurrency) {
      const claimed = await claims.next();
      if (claimed) begin(claimed);
      if (!claimed?.more) break;
    }
    outage.succeeded();
  });
  const wake = (): void => {
    if (state !== "started") return;
    claiming.next().catch(outage.failed);
  };
  const renew = (): void => {
    claims
      .renew()
      .catch((err: unknown) => log.warn({ err }, "the claims of running jobs could not be renewed"));
  };

  return {
    add: wake,
    start: () => {
      state = "started";
      for (const [ms, work] of [
        [pollMs, wake],
        [claimMs / RENEWALS, renew],
        [claimMs / CHECKS, claims.abortExpired],
      ] as const) {
        timers.push(setInterval(work, ms).unref());
      }
      wake();
    },
    abort: running.abort,
    stop: async (graceMs) => {
      state = "stopping";
      await claiming.ended();
      await running.stop(graceMs);
      for (const timer of timers) clearInterval(timer);
    },
  };
};
