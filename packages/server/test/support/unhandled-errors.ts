import { setImmediate as nextTick } from "node:timers/promises";
import { afterAll, afterEach } from "vitest";

/** Errors that no code handled. Vitest itself fails only the run for them; here they fail the test that they happen in. */
const unhandled: unknown[] = [];

process.on("unhandledRejection", (reason) => unhandled.push(reason));
process.on("uncaughtException", (error) => unhandled.push(error));

const failOnUnhandled = async (): Promise<void> => {
  // Node reports a rejection as unhandled only after the promise callbacks that are due have run.
  await nextTick();
  const [first] = unhandled.splice(0);
  if (first !== undefined) throw new Error("An error was not handled", { cause: first });
};

afterEach(failOnUnhandled);
afterAll(failOnUnhandled);
