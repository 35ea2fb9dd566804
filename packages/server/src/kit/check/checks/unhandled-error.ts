import path from "node:path";
import type { Check } from "../types.ts";

/** Errors that an author did not think of. A message for people is an Error that the plugin throws itself. */
const UNPLANNED = new Set(["TypeError", "ReferenceError", "RangeError", "SyntaxError"]);

/** A plugin meets odd archives and bad networks. It may refuse them, in words that tell its user what to do. */
export const unhandledError: Check = {
  rule: "unhandled-error",
  severity: "error",
  run: ({ file, oddRuns }) =>
    oddRuns.flatMap(({ on, kind, report: { failure } }) => {
      if (!failure?.thrown || !UNPLANNED.has(failure.thrown)) return [];
      const { place, thrown, message } = failure;
      const at = place && { ...place, file: path.resolve(path.dirname(file), place.file) };
      const cure =
        kind === "network"
          ? "Look at `response.ok` before the body is read, and throw an Error that says what the site answered."
          : "Handle the case, or throw an Error that tells the user what is wrong with the archive.";
      return [{ ...at, message: `It fails ${on} with a ${thrown}: ${message}`, hint: cure }];
    }),
};
