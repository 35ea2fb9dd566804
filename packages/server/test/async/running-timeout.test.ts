import { expect, test } from "vitest";
import { createDeferred } from "../../src/async/deferred.ts";
import { endsWithinRunningTime } from "../../src/async/running-timeout.ts";

const never = new Promise<never>(() => {});

/** Suspends this process for some milliseconds. */
const suspend = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

test("tells whether work ends in time", async () => {
  expect(await endsWithinRunningTime(60_000, Promise.resolve())).toBe(true);
  expect(await endsWithinRunningTime(10, never)).toBe(false);
});

test("work that fails in time fails the wait", async () => {
  await expect(endsWithinRunningTime(60_000, Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});

test("a suspension longer than the time does not end the wait", async () => {
  const work = createDeferred<void>();
  const ended = endsWithinRunningTime(50, work.promise);
  suspend(100);
  setImmediate(work.resolve);
  expect(await ended).toBe(true);
});
