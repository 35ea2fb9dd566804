import { errorCodeOf } from "@hitagi/contract";
import type { Runtime } from "../runtimes/types.ts";
import { wrapMethods } from "../wrap-methods.ts";
import type { Metrics } from "./metrics.ts";

/** A runtime whose calls are timed and whose failures are counted, by plugin. */
export const measureRuntime = (
  runtime: Runtime,
  { pluginSeconds, pluginFailures }: Pick<Metrics, "pluginSeconds" | "pluginFailures">,
): Runtime =>
  wrapMethods(runtime, {
    call: (call) => async (code, request) => {
      const plugin = code.namespace;
      const began = performance.now();
      try {
        return await call(code, request);
      } catch (error) {
        pluginFailures.inc({ plugin, code: errorCodeOf(error) });
        throw error;
      } finally {
        pluginSeconds.of({ plugin }).observe((performance.now() - began) / 1000);
      }
    },
    name: "unchanged",
    extensions: "unchanged",
    disabled: "unchanged",
    unavailable: "unchanged",
    confinement: "unchanged",
    checkPath: "unchanged",
    vet: "unchanged",
    retire: "unchanged",
    stats: "unchanged",
    stop: "unchanged",
  });
