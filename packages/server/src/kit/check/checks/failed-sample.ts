import path from "node:path";
import type { Manifest } from "@hitagi/contract";
import type { OddRun } from "../odd-runs.ts";
import { placeOfEntry } from "../place-of-entry.ts";
import { type Check, isUnplanned, isWrongResult } from "../types.ts";

/** Whether the run had less than the plugin has at its owner: an argument, a setting without a value, or an answer that is not recorded. */
const lacks = ({ parameters = {} }: Manifest, { isGuessed = false, report }: OddRun): boolean =>
  isGuessed ||
  Object.values(parameters).some(({ default_value }) => default_value === undefined) ||
  report.requests.some(({ recorded }) => !recorded);

/** A plugin works on the samples and inputs of its author, with the answers that are recorded beside it. Other checks judge how else a run fails. */
export const failedSample: Check = {
  rule: "failed-sample",
  severity: "error",
  run: ({ file, plugin, oddRuns, manifestSource }) =>
    oddRuns.flatMap((run) => {
      const { failure } = run.report;
      if (run.kind !== "recorded" || !plugin || !failure) return [];
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
          hint: "Run `hitagi dev` as its user would, with --archive, --arg, --url and --set: it records what it is given and what the site answers.",
        },
      ];
    }),
};
