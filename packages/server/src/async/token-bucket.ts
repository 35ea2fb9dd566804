/** A token bucket: tokens are added at a steady rate, up to a burst. */
export interface TokenBucket {
  /** Takes tokens; the bucket may go below zero. */
  take(amount: number): void;
  /** Whole tokens that it holds; 0 while it is below zero. */
  available(): number;
  /** Seconds until the bucket is no longer below zero; otherwise 0. */
  wait(): number;
}

/** A full bucket. @param perSecond tokens added in a second @param burst the most tokens that it holds */
export const createTokenBucket = (perSecond: number, burst: number): TokenBucket => {
  let left = burst;
  let at = performance.now();
  const fill = (): void => {
    const now = performance.now();
    left = Math.min(burst, left + ((now - at) / 1000) * perSecond);
    at = now;
  };
  return {
    take: (amount) => {
      // Before the tokens are taken: filled afterwards, an idle bucket would pass twice its burst.
      fill();
      left -= amount;
    },
    available: () => {
      fill();
      return Math.max(0, Math.floor(left));
    },
    wait: () => {
      if (left < 0) fill();
      return left < 0 ? -left / perSecond : 0;
    },
  };
};
