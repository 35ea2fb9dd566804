import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createTokenBucket } from "../../src/async/token-bucket.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a new bucket holds its burst", () => {
  const bucket = createTokenBucket(10, 20);
  bucket.take(20);
  expect(bucket.wait()).toBe(0);
  bucket.take(1);
  expect(bucket.wait()).toBeCloseTo(0.1);
});

test("tokens are added at the rate of the bucket", () => {
  const bucket = createTokenBucket(10, 20);
  bucket.take(30);
  expect(bucket.wait()).toBeCloseTo(1);
  vi.advanceTimersByTime(400);
  expect(bucket.wait()).toBeCloseTo(0.6);
  vi.advanceTimersByTime(600);
  expect(bucket.wait()).toBe(0);
});

test("a bucket is filled up to its burst and no further", () => {
  const bucket = createTokenBucket(10, 20);
  bucket.take(21);
  vi.advanceTimersByTime(60_000);
  expect(bucket.wait()).toBe(0);
  bucket.take(25);
  expect(bucket.wait()).toBeCloseTo(0.5);
});

test("a bucket that was idle passes its burst and no more", () => {
  const bucket = createTokenBucket(10, 20);
  bucket.take(5);
  vi.advanceTimersByTime(60_000);
  bucket.take(20);
  expect(bucket.wait()).toBe(0);
  bucket.take(1);
  expect(bucket.wait()).toBeCloseTo(0.1);
});

test("a bucket holds whole tokens, and none while it is below zero", () => {
  const bucket = createTokenBucket(10, 20);
  bucket.take(19.5);
  expect(bucket.available()).toBe(0);
  bucket.take(10);
  expect(bucket.available()).toBe(0);
  vi.advanceTimersByTime(1250);
  expect(bucket.available()).toBe(3);
});
