import { placeOfEntry } from "../place-of-entry.ts";
import type { Check } from "../types.ts";

/** A call that does not end holds up a job, and a process that ends counts against the plugin. */
export const hangs: Check = {
  rule: "hangs",
  severity: "error",
  run: ({ plugin, oddRuns, manifestSource }) =>
    oddRuns.flatMap(({ on, report: { failure } }) =>
      failure?.code === "PLUGIN_TIMEOUT" || failure?.code === "PLUGIN_CRASHED"
        ? [
            {
              ...placeOfEntry(plugin, manifestSource),
              message: `It does not end by itself ${on}: ${failure.message}`,
              hint: failure.hint,
            },
          ]
        : [],
    ),
};
