import path from "node:path";
import type { Check } from "../types.ts";

/** A source must become one file: a plugin imports nothing when it runs. */
export const bundle: Check = {
  rule: "bundle",
  severity: "error",
  run: ({ file, bundleProblems }) =>
    bundleProblems.map(({ file: name, line, column, message, hint }) => ({
      file: name === undefined ? file : path.resolve(path.dirname(file), name),
      line,
      column,
      message,
      hint,
    })),
};
