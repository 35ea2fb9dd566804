interface Instant {
  monotonic: number;
  wall: number;
}

/** The time for which a node may use what it knows without a query. */
export interface Lease {
  /** The current time, for {@link Lease.from}. */
  mark(): Instant;
  /** Counts the lease from a time at which this node had applied all changes. */
  from(instant: Instant): void;
  holds(): boolean;
}

/**
 * A lease by the clocks of this machine. It ends by the clock that is first: the monotonic clock stops while the machine is
 * suspended, and the wall clock may be set back.
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
