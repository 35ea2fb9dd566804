import { expect, test } from "vitest";
import { checkLeniently } from "../../src/catalog/index-examine.ts";
import { runInWorker } from "../../src/catalog/index-worker-client.ts";
import { largeIndex } from "../support/large-index.ts";
import { processorTime } from "../support/processor-time.ts";

const LENGTH = 300_000;

/** The least time of three runs in which this process computed, in microseconds. */
/** An index with one entry, of which a key and a value have together a length of LENGTH. */
const indexOf = (entry: string): Buffer =>
  Buffer.from(`{"version":1,"generated_at":"2024-01-01T00:00:00Z","plugins":{"echo":${entry}}}`);

/** Entries whose errors are below a key of this length. */
const entries: Record<string, (length: number) => string> = {
  "unknown fields": (length) => {
    const fields = Array.from({ length: 2000 }, (_, n) => `"field-of-no-use-${n}":1`);
    const [key, value] = ["k".repeat(length), "v".repeat(LENGTH - length)];
    return `{"namespace":"echo","type":"script","versions":{"${key}":{"x":"${value}",${fields}}}}`;
  },
  "keys that stand twice": (length) => {
    const fields = Array.from({ length: 2000 }, () => '"field-that-stands-twice":1');
    const [key, value] = ["k".repeat(length), "v".repeat(LENGTH - length)];
    return `{"namespace":"echo","type":"script","${key}":{"x":"${value}",${fields}}}`;
  },
};

test.each(Object.entries(entries))(
  "%s below a long key take no longer than below a short one",
  (_, entry) => {
    const [short, long] = [indexOf(entry(100)), indexOf(entry(LENGTH - 100))];
    expect(checkLeniently(long).skipped.count).toBe(1);
    const floor = processorTime(() => checkLeniently(short));
    expect(processorTime(() => checkLeniently(long))).toBeLessThan(4 * floor);
  },
);

test("a check that takes too long is ended, and the next one goes on", async () => {
  const large = () => Buffer.from(JSON.stringify(largeIndex(5000, 5)));
  await expect(runInWorker("lenient", large(), undefined, 1)).rejects.toMatchObject({
    code: "INDEX_INVALID",
    message: expect.stringContaining("takes more than 0.001 s"),
  });
  expect((await runInWorker("lenient", large(), undefined)).rows).toHaveLength(5000);
});
