import type { Check } from "../types.ts";

/** Errors that the compiler knows before a user meets them. Loading does not check types. */
export const types: Check = {
  rule: "types",
  severity: "warning",
  run: ({ typeProblems, bundle, file }) => {
    const own = new Set(bundle?.inputs ?? [file]);
    return (typeProblems ?? [])
      .filter((problem) => own.has(problem.file))
      .map((problem) => ({
        ...problem,
        hint: "Correct the type; docs/guide-authors.md shows those of the SDK.",
      }));
  },
};
