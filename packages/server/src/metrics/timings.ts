import type { Metric, Registry } from "prom-client";

/** One series of a histogram of times. */
export interface Timing {
  observe(seconds: number): void;
}

/** A histogram of times, one series for each set of label values. */
export interface Timings<L extends string> {
  /** The series of these labels; keep it for frequent observations. */
  of(labels: Record<L, string>): Timing;
}

interface Series extends Timing {
  labels: Record<string, string>;
  /** How many were in each bucket, and in the last those above all. */
  counts: number[];
  sum: number;
}

const createSeries = (labels: Record<string, string>, buckets: readonly number[]): Series => {
  const series: Series = {
    labels,
    counts: Array.from({ length: buckets.length + 1 }, () => 0),
    sum: 0,
    observe: (seconds) => {
      let n = 0;
      while (n < buckets.length && seconds > (buckets[n] ?? 0)) n++;
      series.counts[n] = (series.counts[n] ?? 0) + 1;
      series.sum += seconds;
    },
  };
  return series;
};

/** A series as Prometheus has it: each bucket counts what is below its bound, those before it included. */
const valuesOf = (name: string, { labels, counts, sum }: Series, buckets: readonly number[]) => {
  let below = 0;
  const inBuckets = counts.map((count, n) => {
    below += count;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: buckets[n] ?? "+Inf" }, value: below };
  });
  return [
    ...inBuckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ];
};

/**
 * A histogram like prom-client's, which validates and joins its labels at every observation, also of a kept child: 1.3 µs
 * against 0.08 µs here, where a whole call takes 40 µs.
 * @param buckets the upper bounds in seconds, growing
 */
export const createTimings = <L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly L[],
  buckets: readonly number[],
): Timings<L> => {
  const known = new Map<string, Series>();
  const metric = {
    name,
    help,
    type: "histogram",
    labelNames,
    aggregator: "sum",
    get: async () => ({
      name,
      help,
      type: "histogram",
      aggregator: "sum",
      values: [...known.values()].flatMap((series) => valuesOf(name, series, buckets)),
    }),
  };
  // A registry asks its metrics for no more than this, though its type names its own classes only.
  registry.registerMetric(metric as unknown as Metric<L>);
  return {
    of: (labels) => {
      const key = labelNames.map((label) => labels[label]).join("\n");
      const found = known.get(key) ?? createSeries(labels, buckets);
      known.set(key, found);
      return found;
    },
  };
};
