/** An instant by both clocks. */
interface Instant {
  monotonic: number;
  wall: number;
}

/** For how long what a node knows is in force, without asking again. */
export interface Lease {
  /** Now, for {@link Lease.from}. */
  mark(): Instant;
  /** Counts the lease from an instant at which nothing was newer than what this node has taken up. */
  from(instant: Instant): void;
  holds(): boolean;
}

/**
 * A lease by the clock of this machine alone. It ends by whichever clock says so first: the monotonic one stands still
 * while a machine is suspended, and the other may be set.
 */
export const createLease = (lifeMs: number): Lease => {
  let since: Instant = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
  return {
    mark: () => ({ monotonic: performance.now(), wall: Date.now() }),
    from: (instant) => {
      since = instant;
    },
    holds: () => performance.now() - since.monotonic < lifeMs && Date.now() - since.wall < lifeMs,
  };
};
