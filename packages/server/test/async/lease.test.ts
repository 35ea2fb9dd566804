import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLease } from "../../src/async/lease.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "Date"], now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a lease does not hold before its first renewal, and then for its lifetime", () => {
  const lease = createLease(100);
  expect(lease.holds()).toBe(false);
  lease.from(lease.mark());
  vi.advanceTimersByTime(99);
  expect(lease.holds()).toBe(true);
  vi.advanceTimersByTime(1);
  expect(lease.holds()).toBe(false);
});

test("a lease counts from the given time, not from the renewal", () => {
  const lease = createLease(100);
  const applied = lease.mark();
  vi.advanceTimersByTime(60);
  lease.from(applied);
  vi.advanceTimersByTime(39);
  expect(lease.holds()).toBe(true);
  vi.advanceTimersByTime(1);
  expect(lease.holds()).toBe(false);
});

test("a lease ends by the wall clock while the monotonic clock stands still", () => {
  const lease = createLease(100);
  lease.from(lease.mark());
  vi.setSystemTime(1_000_100);
  expect(lease.holds()).toBe(false);
});

test("a lease ends by the monotonic clock after the wall clock is set back", () => {
  const lease = createLease(100);
  lease.from(lease.mark());
  vi.advanceTimersByTime(100);
  vi.setSystemTime(1_000_000);
  expect(lease.holds()).toBe(false);
});
