import { HitagiError } from "@hitagi/contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFetchBudget } from "../../../src/catalog/trust/fetch-budget.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

/** A fetch that takes this long, and answers the time that it was given. */
const taking = (ms: number) => async (given: number) => {
  vi.advanceTimersByTime(ms);
  return given;
};

test("each fetch has the time that those before it left, waits between them do not count, and then there is none", async () => {
  const { spend } = createFetchBudget(10_000);
  expect(await spend("registry.head", taking(4000))).toBe(10_000);
  vi.advanceTimersByTime(60_000);
  expect(await spend("registry.details.json", taking(3500))).toBe(6000);
  expect(await spend("registry.json", taking(2500))).toBe(2500);
  const fetch = vi.fn(taking(0));
  await expect(spend("registry.json", fetch)).rejects.toMatchObject({
    code: "SOURCE_TIMEOUT",
    params: { seconds: 10, path: "registry.json" },
  });
  expect(fetch).not.toHaveBeenCalled();
});

test("a fetch that fails costs its time too, and one that runs out of it names the time of all", async () => {
  const { spend } = createFetchBudget(10_000);
  const failing = (ms: number, error: Error) =>
    spend("registry.head", async () => {
      vi.advanceTimersByTime(ms);
      throw error;
    });
  const gone = new Error("gone");
  await expect(failing(4000, gone)).rejects.toBe(gone);
  expect(await spend("registry.head", taking(1000))).toBe(6000);
  const late = new HitagiError("SOURCE_TIMEOUT", { seconds: 5, path: "registry.head" });
  await expect(failing(5000, late)).rejects.toMatchObject({ params: { seconds: 10 } });
});
