/** One row of the table: a measurement, its target and, if there is one, its floor in the same run. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  /** The same thing without Hitagi, measured in the same run. */
  floor?: number;
  /** As text for the table. */
  target: string;
  met: boolean;
}

/** The value below which a share `p` of the values lies. */
export const quantile = (values: readonly number[], p: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * Milliseconds that each of `times` runs took, after `warmup` runs that are not counted.
 * @param pauseMs pause before each run, not counted, in which the standby is refilled
 */
export const timed = async (
  times: number,
  run: (i: number) => unknown,
  { warmup = 0, pauseMs = 0 }: { warmup?: number; pauseMs?: number } = {},
): Promise<number[]> => {
  const taken: number[] = [];
  for (let i = -warmup; i < times; i++) {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const start = performance.now();
    await run(i);
    if (i >= 0) taken.push(performance.now() - start);
  }
  return taken;
};

/** Calls a second, with `inFlight` concurrent calls, over `total` calls. */
export const throughput = async (
  total: number,
  inFlight: number,
  run: () => Promise<unknown>,
): Promise<number> => {
  let left = total;
  const worker = async () => {
    while (left-- > 0) await run();
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return total / ((performance.now() - start) / 1000);
};
