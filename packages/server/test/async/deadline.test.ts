import { expect, test } from "vitest";
import { settlesWithin, untilAborted, withDeadline } from "../../src/async/deadline.ts";

const never = new Promise<never>(() => {});
const onTimeout = () => new Error("late");

test("a deadline rejects work that ignores its signal with the timeout error", async () => {
  let seen: AbortSignal | undefined;
  const work = withDeadline({ timeoutMs: 5, onTimeout }, ({ signal }) => {
    seen = signal;
    return never;
  });
  await expect(work).rejects.toThrow("late");
  expect(seen?.reason).toMatchObject({ message: "late" });
});

test("work that fails after the abort rejects with the abort reason", async () => {
  const work = withDeadline(
    { timeoutMs: 5, onTimeout },
    ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("socket closed")))),
  );
  await expect(work).rejects.toThrow("late");
});

test("the caller's abort rejects with its reason, and no work starts after it", async () => {
  const caller = new AbortController();
  const work = withDeadline({ timeoutMs: 60_000, onTimeout, signal: caller.signal }, () => never);
  caller.abort(new Error("given up"));
  await expect(work).rejects.toThrow("given up");
  let begun = false;
  const second = withDeadline({ timeoutMs: 60_000, onTimeout, signal: caller.signal }, async () => {
    begun = true;
  });
  await expect(second).rejects.toThrow("given up");
  expect(begun).toBe(false);
});

test("work within the deadline gives its result or its own error, and sees the remaining time", async () => {
  const left = await withDeadline({ timeoutMs: 60_000, onTimeout }, async ({ remaining }) => remaining());
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(60_000);
  const failing = withDeadline({ timeoutMs: 60_000, onTimeout }, async () => {
    throw new Error("own");
  });
  await expect(failing).rejects.toThrow("own");
});

test("a wait rejects on abort with the error that the caller makes", async () => {
  expect(await untilAborted(Promise.resolve(1), undefined)).toBe(1);
  expect(await untilAborted(Promise.resolve(1), new AbortController().signal)).toBe(1);
  const reason = new Error("given up");
  await expect(untilAborted(never, AbortSignal.abort(reason))).rejects.toBe(reason);
  const cancelled = untilAborted(never, AbortSignal.abort(reason), () => new Error("cancelled"));
  await expect(cancelled).rejects.toThrow("cancelled");
});

test("tells whether a promise settles in time, by success or failure", async () => {
  expect(await settlesWithin(60_000, Promise.resolve())).toBe(true);
  expect(await settlesWithin(60_000, Promise.reject(new Error("own")))).toBe(true);
  expect(await settlesWithin(1, never)).toBe(false);
});
