import path from "node:path";
import type { Manifest } from "@hitagi/contract";
import type { OddRun } from "../odd-runs.ts";
import { placeOfEntry } from "../place-of-entry.ts";
import { type Check, isUnplanned, isWrongResult } from "../types.ts";

/** Whether the run had less than the plugin has at its owner: a setting without a value, or an answer that is not recorded. */
const lacks = ({ parameters = {} }: Manifest, { report }: OddRun): boolean =>
  Object.values(parameters).some(({ default_value }) => default_value === undefined) ||
  report.requests.some(({ recorded }) => !recorded);

/** A plugin works on the samples of its author, with the answers that are recorded beside it. Other checks judge how else a run fails. */
export const failedSample: Check = {
  rule: "failed-sample",
  severity: "error",
  run: ({ file, plugin, oddRuns, manifestSource }) =>
    oddRuns.flatMap((run) => {
      const { failure } = run.report;
      if (run.kind !== "sample" || !plugin || !failure) return [];
      if (["PLUGIN_TIMEOUT", "PLUGIN_CRASHED"].includes(failure.code)) return [];
      if (isUnplanned(failure) || isWrongResult(failure)) return [];
      const at = failure.place && {
        ...failure.place,
        file: path.resolve(path.dirname(file), failure.place.file),
      };
      return [
        {
          ...placeOfEntry(plugin, manifestSource),
          ...at,
          severity: lacks(plugin.manifest, run) ? "warning" : "error",
          message: `It fails ${run.on}: ${failure.message}`,
          hint: "Run `hitagi dev` on the sample: it records what the site answers, and takes settings with --set.",
        },
      ];
    }),
};
