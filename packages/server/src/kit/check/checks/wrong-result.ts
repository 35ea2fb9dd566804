import { entryPoints } from "../../../runtimes/types.ts";
import type { Check } from "../types.ts";

/** A server refuses a result of another form. */
export const wrongResult: Check = {
  rule: "wrong-result",
  severity: "error",
  run: ({ plugin, oddRuns, manifestSource }) =>
    oddRuns.flatMap(({ on, report: { failure } }) => {
      const isWrong = failure?.thrown === null && failure.code === "PLUGIN_FAILED";
      if (!isWrong || !/ returned /.test(failure.message) || !plugin) return [];
      const place = manifestSource.placeOf([entryPoints[plugin.manifest.type]]);
      const hint =
        "docs/guide-authors.md has the result of each type. Without a result, a metadata plugin returns {}.";
      return [{ ...place, message: `The result is refused ${on}: ${failure.message}`, hint }];
    }),
};
