import { expect, test } from "vitest";
import { createDeferred } from "../../src/async/deferred.ts";
import { repeat } from "../../src/async/repeat.ts";

/** Waits that end when the test says so; `waits` has the milliseconds of each. */
const clock = () => {
  const waits: number[] = [];
  let elapse = createDeferred<void>();
  let asked = createDeferred<void>();
  return {
    waits,
    wait: (ms: number, signal: AbortSignal) => {
      waits.push(ms);
      elapse = createDeferred<void>();
      signal.addEventListener("abort", () => elapse.reject(new Error("aborted")));
      asked.resolve();
      return elapse.promise;
    },
    /** Lets the current wait end, and resolves at the next one. */
    next: () => {
      asked = createDeferred<void>();
      elapse.resolve();
      return asked.promise;
    },
  };
};

const onError = (error: unknown): never => {
  throw error;
};

test("runs after the first wait, then after each interval", async () => {
  const { waits, wait, next } = clock();
  let runs = 0;
  const stop = repeat(async () => void runs++, { everyMs: 10, firstMs: 3, onError, wait });
  expect(runs).toBe(0);
  await next();
  await next();
  expect([runs, ...waits]).toEqual([2, 3, 10, 10]);
  await stop();
  expect(runs).toBe(2);
});

test("a run may return the next wait; a failed run is reported, and the usual interval follows", async () => {
  const { waits, wait, next } = clock();
  const errors: unknown[] = [];
  const answers = [5, new Error("failed")];
  const run = async (): Promise<number | undefined> => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const stop = repeat(run, { everyMs: 10, onError: (error) => errors.push(error), wait });
  await next();
  await next();
  expect(waits).toEqual([10, 5, 10]);
  expect(errors).toMatchObject([{ message: "failed" }]);
  await stop();
});

test("stopping aborts the current run with the reason, waits for its end and reports no error", async () => {
  const { wait, next } = clock();
  const reasons: unknown[] = [];
  const began = createDeferred<void>();
  const run = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => {
      signal.addEventListener("abort", () => {
        reasons.push(signal.reason);
        reject(new Error("interrupted"));
      });
      began.resolve();
    });
  const stop = repeat(run, { everyMs: 10, onError, wait });
  void next();
  await began.promise;
  await stop("stopping");
  expect(reasons).toEqual(["stopping"]);
});
