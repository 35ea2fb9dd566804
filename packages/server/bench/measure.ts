import type { Comparison } from "./compare.ts";

/** One row of the table. Its target is in `targets.ts`, by its id. */
export interface Row {
  /** Names the row in `targets.ts` and `ratios.json`. */
  id: string;
  name: string;
  unit: string;
  value: number;
  /** The least that the machine needs for the same work, measured in the same run; absent where the value itself is judged, as a count. */
  floor?: number;
  /** value ÷ floor; the value where there is no floor. */
  ratio: number;
  /** See {@link Comparison}; 0 for a count. */
  spread: number;
  /** Absent for a count. */
  floorSpread?: number;
}

/** How a part measures. */
export interface BenchOptions {
  /** Fewer rounds, for a run of a minute. */
  quick: boolean;
  /** How often a comparison is made until its spread is small enough. */
  tries: number;
}

export const compared = (id: string, name: string, unit: string, found: Comparison): Row => ({
  ...{ id, name, unit },
  ...found,
});

/** A row whose value is judged by itself. */
export const counted = (id: string, name: string, unit: string, value: number): Row => ({
  ...{ id, name, unit, value },
  ratio: value,
  spread: 0,
});

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

/** Milliseconds that one run took. */
export const timeOf = async (run: () => unknown): Promise<number> => (await timed(1, run))[0] ?? Number.NaN;

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
