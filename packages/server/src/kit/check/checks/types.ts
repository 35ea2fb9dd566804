import path from "node:path";
import type { Check } from "../types.ts";

/** Errors that the compiler knows before a user meets them. Loading does not check types. */
export const types: Check = {
  rule: "types",
  severity: "warning",
  run: ({ checkedTypes, bundle, file }) => {
    const { problems = [], leftOutBy } = checkedTypes ?? {};
    if (leftOutBy !== undefined) {
      const name = path.relative(path.dirname(leftOutBy), file).replaceAll(path.sep, "/");
      const message = `No types were checked: ${leftOutBy} leaves this file out.`;
      return [{ message, hint: `Add "${name}" to its "include", or put a tsconfig.json beside the plugin.` }];
    }
    const own = new Set(bundle?.inputs ?? [file]);
    return problems
      .filter((problem) => own.has(problem.file))
      .map((problem) => ({
        ...problem,
        hint: "Correct the type; docs/guide-authors.md shows those of the SDK.",
      }));
  },
};
