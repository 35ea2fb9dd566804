import { PassThrough } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { MAX_JSON_VALUES } from "../../../src/runtimes/json-shape.ts";
import { createBackpressure } from "../../../src/runtimes/processes/backpressure.ts";

/** Whether output is still read after a burst of messages of this size. */
const keepsReading = (messages: number, bytes: number, values: number): boolean => {
  const output = new PassThrough().resume();
  const backpressure = createBackpressure(output);
  onTestFinished(() => backpressure.stop());
  for (let i = 0; i < messages; i++) {
    backpressure.countValues(values);
    backpressure.countChunk(bytes);
  }
  return !output.isPaused();
};

test("small messages do not pause reading", () => {
  expect(keepsReading(1000, 1000, 0)).toBe(true);
});

test("many bytes pause reading", () => {
  expect(keepsReading(20, 8 * 1024 * 1024, 0)).toBe(false);
});

test("few bytes with many JSON values pause reading", () => {
  expect(keepsReading(20, 300_000, MAX_JSON_VALUES)).toBe(false);
  expect(keepsReading(20, 300_000, 0)).toBe(true);
});

test("64 MiB are read at once, and 16 MiB in each second after that", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const MIB = 1024 * 1024;
  const output = new PassThrough().resume();
  const backpressure = createBackpressure(output);
  onTestFinished(() => backpressure.stop());
  backpressure.countChunk(64 * MIB);
  expect(output.isPaused()).toBe(false);
  backpressure.countChunk(16 * MIB);
  vi.advanceTimersByTime(900);
  expect(output.isPaused()).toBe(true);
  vi.advanceTimersByTime(101);
  expect(output.isPaused()).toBe(false);
});
