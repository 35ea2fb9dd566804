import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRetrySet } from "../../src/cluster/sync.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

test("a change that could not be applied is retried after a while, until it is applied", () => {
  const again = createRetrySet();
  expect(again.with([])).toEqual([]);
  again.keep(["plugin:p", "plugin:q"], ["plugin:p"]);
  expect(again.with(["plugin:q"])).toEqual(["plugin:q"]);
  vi.advanceTimersByTime(10_000);
  expect(again.with(["plugin:q", "plugin:p"])).toEqual(["plugin:q", "plugin:p"]);
  expect(again.with([])).toEqual(["plugin:p"]);
  again.keep(["plugin:p"], ["plugin:p"]);
  expect(again.with([])).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(again.with([])).toEqual(["plugin:p"]);
  again.keep(["plugin:p"], []);
  vi.advanceTimersByTime(10_000);
  expect(again.with([])).toEqual([]);
});

test("applying everything leaves only the changes that failed to retry", () => {
  const again = createRetrySet();
  again.keep(["plugin:p"], ["plugin:p"]);
  expect(again.with("all")).toBe("all");
  again.keep("all", []);
  vi.advanceTimersByTime(10_000);
  expect(again.with([])).toEqual([]);
});
