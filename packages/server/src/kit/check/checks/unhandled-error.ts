import path from "node:path";
import { type Check, isUnplanned } from "../types.ts";

/** A plugin meets odd archives and bad networks. It may refuse them, in words that tell its user what to do. */
export const unhandledError: Check = {
  rule: "unhandled-error",
  severity: "error",
  run: ({ file, oddRuns }) => {
    // One mistake shows in many runs.
    const told = new Set<string>();
    return oddRuns.flatMap(({ on, kind, report: { failure } }) => {
      if (!isUnplanned(failure)) return [];
      const { place, thrown, message } = failure;
      const same = JSON.stringify([place, thrown, message]);
      if (told.has(same)) return [];
      told.add(same);
      const at = place && { ...place, file: path.resolve(path.dirname(file), place.file) };
      const cure =
        kind === "network"
          ? "Look at `response.ok` before the body is read, and throw an Error that says what the site answered."
          : kind === "recorded"
            ? "Correct the line that is shown."
            : "Handle the case, or throw an Error that tells the user what is wrong with the archive.";
      return [{ ...at, message: `It fails ${on} with a ${thrown}: ${message}`, hint: cure }];
    });
  },
};
