import { manifestLine } from "../../missing-rights.ts";
import type { Check } from "../types.ts";

/** A run that needs a right which the manifest does not ask for fails at every owner. */
export const missingRight: Check = {
  rule: "missing-right",
  severity: "error",
  run: ({ oddRuns, manifestSource }) => {
    const all = oddRuns.flatMap(({ report }) => report.missingRights);
    const once = new Map(all.map((right) => [`${right.permission} ${right.value}`, right]));
    return [...once.values()].map((right) => ({
      ...manifestSource.placeOf(["permissions", right.permission]),
      message: right.message,
      hint: `Ask for it in the manifest: \`${manifestLine(right)}\``,
    }));
  },
};
