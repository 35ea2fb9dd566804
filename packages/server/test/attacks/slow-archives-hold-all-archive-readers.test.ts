import { expect, test, vi } from "vitest";
import { createDeferred } from "../../src/async/deferred.ts";
import { createReaderProcesses, READER_LIMITS } from "../../src/library/containers/reader-process.ts";
import type { FromReader } from "../../src/library/containers/reader-protocol.ts";

const SLOW = ["slow one", "slow two", "slow three"];
const READS = 50;

/** Readers that answer when the test says so: the first read of them all that still runs. */
const openReaders = () => {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const readers = createReaderProcesses(READER_LIMITS, () => ({
    identity: () => "",
    end: () => {},
    ask: async ({ identity }) => {
      begun.push(identity);
      const { promise, resolve } = createDeferred<FromReader>();
      ends.push(() => resolve({ kind: "entries", entries: [] }));
      return promise;
    },
  }));
  const read = (identity: string) =>
    readers.ask({ kind: "entries", format: "pdf", path: "/dev/null", identity });
  return { begun, ends, read };
};

test("a read of another archive begins after at most one read of each slow archive, however many of those wait", async () => {
  const { begun, ends, read } = openReaders();
  const slow = SLOW.flatMap((identity) => Array.from({ length: READS }, () => read(identity)));
  const other = read("other");
  await vi.waitFor(() => expect(begun).toHaveLength(2));
  while (!begun.includes("other")) {
    const before = begun.length;
    ends.shift()?.();
    await vi.waitFor(() => expect(begun.length).toBeGreaterThan(before));
  }
  expect(begun.length).toBeLessThanOrEqual(2 + SLOW.length + 1);
  // The last ends make place for the rest.
  const all = Promise.all([...slow, other]);
  const ending = setInterval(() => ends.shift()?.(), 0);
  await all;
  clearInterval(ending);
  expect(begun).toHaveLength(SLOW.length * READS + 1);
});
