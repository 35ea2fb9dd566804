import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import { createTimings } from "../../src/metrics/timings.ts";

const BUCKETS = [0.001, 0.01, 0.1, 1];

test("any observations give the same text as the histogram of prom-client", async () => {
  const observation = fc.record({
    plugin: fc.constantFrom("a", "b", 'quoted "c"\\'),
    seconds: fc.oneof(fc.constantFrom(0, ...BUCKETS), fc.double({ min: 0, max: 5, noNaN: true })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(observation, { maxLength: 50 }), async (observations) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const timings = createTimings(ours, "t_seconds", "Help", ["plugin"], BUCKETS);
      const options = { name: "t_seconds", help: "Help", labelNames: ["plugin"], buckets: BUCKETS };
      const histogram = new Histogram({ ...options, registers: [theirs] });
      for (const { plugin, seconds } of observations) {
        timings.of({ plugin }).observe(seconds);
        histogram.observe({ plugin }, seconds);
      }
      const sorted = async (registry: Registry) => (await registry.metrics()).split("\n").map(normal).sort();
      expect(await sorted(ours)).toEqual(await sorted(theirs));
    }),
  );
});

/** Labels in one order. */
const normal = (line: string): string =>
  line.replace(
    /\{(.*)\}/,
    (_, labels: string) =>
      `{${labels
        .split(/,(?=\w+=")/)
        .sort()
        .join()}}`,
  );

test("the same labels are the same series", async () => {
  const registry = new Registry();
  const timings = createTimings(registry, "t_seconds", "Help", ["a", "b"], BUCKETS);
  expect(timings.of({ a: "1", b: "2" })).toBe(timings.of({ b: "2", a: "1" }));
  expect(timings.of({ a: "1", b: "2" })).not.toBe(timings.of({ a: "2", b: "1" }));
});
