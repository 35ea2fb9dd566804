import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { MAX_JSON_VALUES } from "../../../src/runtimes/json-shape.ts";
import { createBackpressure } from "../../../src/runtimes/processes/backpressure.ts";

/** Whether output is still read after so many messages of so many bytes and values, all at once. */
const readOn = (messages: number, bytes: number, values: number): boolean => {
  const output = new PassThrough().resume();
  const flow = createBackpressure(output);
  onTestFinished(() => flow.stop());
  for (let i = 0; i < messages; i++) {
    flow.countValues(values);
    flow.countChunk(bytes);
  }
  return !output.isPaused();
};

test("small messages are read on", () => {
  expect(readOn(1000, 1000, 0)).toBe(true);
});

test("a process that sends many bytes is not read for a while", () => {
  expect(readOn(20, 8 * 1024 * 1024, 0)).toBe(false);
});

test("nor is one that sends few bytes that are dear to parse", () => {
  expect(readOn(20, 300_000, MAX_JSON_VALUES)).toBe(false);
  expect(readOn(20, 300_000, 0)).toBe(true);
});
