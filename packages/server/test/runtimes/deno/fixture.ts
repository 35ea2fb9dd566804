import { pino } from "pino";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { createDenoRuntime, type DenoRuntimeOptions } from "../../../src/runtimes/deno/deno.ts";
import { createLauncher } from "../../../src/runtimes/deno/launcher.ts";
import type { PluginCode, Runtime } from "../../../src/runtimes/types.ts";
import { codeOf, request } from "../runtime-contract.ts";

/** A real runtime, stopped when the test ends. */
export const openRuntime = (options: Partial<DenoRuntimeOptions> = {}): Runtime => {
  const runtime = createDenoRuntime({ log: pino({ level: "silent" }), ...options });
  onTestFinished(() => runtime.stop());
  return runtime;
};

/** One real runtime for all tests of a file, where they cannot disturb each other. */
export const sharedRuntime = (options: Partial<DenoRuntimeOptions> = {}): (() => Runtime) => {
  let runtime: Runtime | undefined;
  beforeAll(() => {
    runtime = createDenoRuntime({ log: pino({ level: "silent" }), ...options });
  });
  afterAll(() => runtime?.stop());
  return () => {
    if (!runtime) throw new Error("only within a test");
    return runtime;
  };
};

const MANIFEST = `namespace: "probe", type: "script", name: "Probe", version: "1.0.0", author: "me"`;

/**
 * A script plugin.
 * @param body of `async run(ctx)`
 * @param top what stands at the top of its file
 */
export const script = (body: string, top = "", filename = "probe.ts"): PluginCode =>
  codeOf(`${top}\nexport default { ${MANIFEST}, async run(ctx) {\n${body}\n} };`, filename);

/** A plugin that has nothing wrong with it, to see that the server still runs plugins. */
export const good: PluginCode = script(`return "good"`);

export const runGood = (runtime: Runtime): Promise<unknown> => runtime.call(good, request());

/** Why bubblewrap cannot be tested here; undefined where it can. */
export const noBubblewrap: string | undefined = await createLauncher({ memoryMb: 64 }).then(
  async ({ confinement, dispose }) => {
    await dispose();
    return confinement.reason;
  },
);
