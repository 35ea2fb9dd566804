/** An allowance that fills up at a steady rate. */
export interface TokenBucket {
  /** Takes an amount, which may leave the allowance below nothing. */
  take(amount: number): void;
  /** Seconds until there is something to take again; 0 where there is now. */
  wait(): number;
}

/**
 * @param perSecond what it fills up by
 * @param burst what it holds when it is full, as it is at first
 */
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
      left -= amount;
      if (left < 0) fill();
    },
    wait: () => {
      if (left < 0) fill();
      return left < 0 ? -left / perSecond : 0;
    },
  };
};
