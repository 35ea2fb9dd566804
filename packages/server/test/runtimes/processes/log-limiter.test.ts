import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLogLimiter } from "../../../src/runtimes/processes/log-limiter.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A limiter with what it wrote, and a plugin that logs numbered lines. */
const open = () => {
  const limiter = createLogLimiter();
  const written: string[] = [];
  let last = 0;
  const log = (count: number) => {
    for (let n = 0; n < count; n++) {
      limiter.add({ level: "info", text: String(++last) }, ({ text }) => written.push(text));
    }
  };
  return { ...limiter, written, log };
};

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n));
const omission = (count: number) => `${count} lines of this log are left out: the plugin logs too fast`;

test("of a burst the first 500 lines and the last 500 are written, and how many are left out", () => {
  const { log, flush, written } = open();
  log(20_000);
  expect(written).toEqual(numbers(1, 500));
  flush();
  expect(written).toEqual([...numbers(1, 500), omission(19_000), ...numbers(19_501, 20_000)]);
});

test("a burst that ends in the middle of a call is written when the rate allows it", () => {
  const { log, written } = open();
  log(1200);
  vi.advanceTimersByTime(5000);
  expect(written).toEqual([...numbers(1, 500), omission(200), ...numbers(701, 1200)]);
});

test("a plugin that logs slowly loses nothing, and its lines are written at once", () => {
  const { log, written } = open();
  for (let second = 1; second <= 60; second++) {
    log(90);
    expect(written).toHaveLength(second * 90);
    vi.advanceTimersByTime(1000);
  }
});

test("a plugin that logs too fast all the time gets 200 lines a second in the end, and each call its last one", () => {
  const { log, flush, written } = open();
  for (let second = 0; second < 100; second++) {
    for (let call = 0; call < 10; call++) {
      log(1000);
      flush();
      expect(written.at(-1)).toBe(String(second * 10_000 + (call + 1) * 1000));
    }
    vi.advanceTimersByTime(1000);
  }
  const lines = written.filter((text) => /^\d+$/.test(text));
  expect(lines.length).toBeLessThan(1000 + 100 * (200 + 10));
});

test("a line is shortened", () => {
  const { add, written } = open();
  add({ level: "info", text: "x".repeat(50_000) }, ({ text }) => written.push(text));
  expect(written).toEqual(["x".repeat(4096)]);
});
