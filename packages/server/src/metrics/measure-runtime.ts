import type { Runtime } from "../runtimes/types.ts";
import { codeOf } from "./code.ts";
import type { Metrics } from "./metrics.ts";

/** A runtime whose calls are timed and whose failures are counted, by plugin. */
export const measureRuntime = (
  runtime: Runtime,
  { pluginSeconds, pluginFailures }: Pick<Metrics, "pluginSeconds" | "pluginFailures">,
): Runtime => ({
  ...runtime,
  call: async (code, request) => {
    const plugin = code.namespace;
    const began = performance.now();
    try {
      return await runtime.call(code, request);
    } catch (error) {
      pluginFailures.inc({ plugin, code: codeOf(error) });
      throw error;
    } finally {
      pluginSeconds.of({ plugin }).observe((performance.now() - began) / 1000);
    }
  },
});
