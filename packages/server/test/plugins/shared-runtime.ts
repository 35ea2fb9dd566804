import { pino } from "pino";
import { afterAll } from "vitest";
import { createDenoRuntime } from "../../src/runtimes/deno/deno.ts";
import type { Runtime } from "../../src/runtimes/types.ts";

let runtime: Runtime | undefined;

/** The sandbox that the tests of one file share. */
export const sharedRuntime = (): Runtime => {
  runtime ??= createDenoRuntime({ log: pino({ level: "silent" }) });
  return runtime;
};

afterAll(() => runtime?.stop());
