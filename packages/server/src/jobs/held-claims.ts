import { HitagiError } from "@hitagi/contract";
import { createLease, type Lease } from "../async/lease.ts";
import type { ClaimedJob, JobClaims } from "../store/types.ts";

interface Held {
  claim: string;
  lease: Lease;
}

/** Part of a claim's life after which an unrenewed job is aborted, so that it has ended before another worker gets it. */
const SAFE = 0.8;

/**
 * The claims that this worker holds.
 * @param abort ends the run of a job
 */
export const createHeldClaims = (
  claims: JobClaims,
  claimMs: number,
  abort: (id: number, reason: HitagiError) => void,
) => {
  const held = new Map<number, Held>();
  return {
    /** Claims the next job. @returns undefined where none waits */
    next: async (): Promise<ClaimedJob | undefined> => {
      const lease = createLease(claimMs * SAFE);
      const asked = lease.mark();
      const claimed = await claims.next(claimMs);
      if (!claimed) return undefined;
      lease.from(asked);
      held.set(claimed.job.id, { claim: claimed.claim, lease });
      return claimed;
    },
    /** The same job may have been claimed anew, which stays held. */
    release: ({ job, claim }: ClaimedJob): void => {
      if (held.get(job.id)?.claim === claim) held.delete(job.id);
    },
    /** Renews all claims, and aborts the jobs whose claims are lost. */
    renew: async (): Promise<void> => {
      if (held.size === 0) return;
      const asked = [...held].map(([id, one]) => ({ id, one, at: one.lease.mark() }));
      const lost = await claims.renew(new Map(asked.map(({ id, one }) => [id, one.claim])), claimMs);
      for (const { id, one, at } of asked) {
        if (held.get(id) !== one) continue;
        if (lost.includes(id)) abort(id, new HitagiError("JOB_CANCELLED"));
        else one.lease.from(at);
      }
    },
    /** Aborts the jobs whose claims could not be renewed for too long. */
    abortExpired: (): void => {
      for (const [id, { lease }] of held) {
        if (!lease.holds()) abort(id, new HitagiError("JOB_INTERRUPTED"));
      }
    },
  };
};
