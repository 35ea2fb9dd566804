import { pino } from "pino";
import { createDenoRuntime } from "../../src/runtimes/deno/deno.ts";
import type { Runtime } from "../../src/runtimes/types.ts";
import { onFileFinished } from "../support/file-scope.ts";

let runtime: Runtime | undefined;

const open = (): Runtime => {
  const opened = createDenoRuntime({ log: pino({ level: "silent" }) });
  onFileFinished(() => {
    runtime = undefined;
    return opened.stop();
  });
  return opened;
};

/** The sandbox that the tests of one file share. */
export const sharedRuntime = (): Runtime => {
  runtime ??= open();
  return runtime;
};
