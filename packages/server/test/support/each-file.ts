import { setImmediate as nextTick } from "node:timers/promises";
import { afterAll, afterEach, vi } from "vitest";
import { finishFile } from "./file-scope.ts";

/**
 * A wait ends with its event. The limit only ends a test that hangs: a loaded machine may take long for an honest one.
 * Therefore it is the same for every wait, also for one that is given another.
 */
const LONGEST_WAIT_MS = 90_000;
const { waitFor } = vi;
vi.waitFor = (callback, options) => {
  const { interval } = typeof options === "object" ? options : {};
  return waitFor(callback, { timeout: LONGEST_WAIT_MS, ...(interval !== undefined && { interval }) });
};

/** Errors that no code handled. Vitest itself fails only the run for them; here they fail the test that they happen in. */
const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);

// The test files of a worker share its process: each listens only while its own tests run.
process.on("unhandledRejection", note).on("uncaughtException", note);

const failOnUnhandled = async (): Promise<void> => {
  // Node reports a rejection as unhandled only after the promise callbacks that are due have run.
  await nextTick();
  const [first] = unhandled.splice(0);
  if (first !== undefined) throw new Error("An error was not handled", { cause: first });
};

afterEach(failOnUnhandled);
afterAll(async () => {
  try {
    await finishFile();
    await failOnUnhandled();
  } finally {
    process.off("unhandledRejection", note).off("uncaughtException", note);
  }
});
