import { placeOfEntry } from "../place-of-entry.ts";
import { type Check, isWrongResult } from "../types.ts";

/** A server refuses a result of another form. */
export const wrongResult: Check = {
  rule: "wrong-result",
  severity: "error",
  run: ({ plugin, oddRuns, manifestSource }) =>
    oddRuns.flatMap(({ on, report: { failure } }) => {
      if (!failure || !isWrongResult(failure) || !plugin) return [];
      const place = placeOfEntry(plugin, manifestSource);
      const hint =
        "docs/guide-authors.md has the result of each type. Without a result, a metadata plugin returns {}.";
      return [{ ...place, message: `The result is refused ${on}: ${failure.message}`, hint }];
    }),
};
