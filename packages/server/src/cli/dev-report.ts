import type { RunChanges } from "../kit/dev/compare-runs.ts";
import type { DevRun } from "../kit/dev/dev-session.ts";
import { manifestLine } from "../kit/missing-rights.ts";
import { sizeText } from "./format.ts";
import { failureLines, logLines, resultLines, valueText } from "./run-report.ts";
import type { Lines } from "./safe-text.ts";

const changeLines = (changed: RunChanges | null): Lines => {
  if (changed === null) return ["Changed: there was no run before"];
  const lines = [
    ...changed.added.map((tag) => `  + ${valueText(tag)}`),
    ...changed.removed.map((tag) => `  - ${valueText(tag)}`),
    ...changed.fields.map(({ name, before, now }) => `  ${name}: ${valueText(before)} -> ${valueText(now)}`),
    ...changed.requestsAdded.map((request) => `  + ${request}`),
    ...changed.requestsRemoved.map((request) => `  - ${request}`),
  ];
  return lines.length > 0 ? ["Changed since the last run:", ...lines] : ["Changed: nothing"];
};

const runLines = (run: DevRun["runs"][number], hasKeys: boolean): Lines => {
  const { archive, failure, result, changed, requests, log, ms, memory, missingRights } = run;
  const recorded = requests.filter((request) => request.recorded).length;
  const from =
    requests.length === 0
      ? "no requests"
      : `${requests.length} ${requests.length === 1 ? "request" : "requests"}, ${recorded} from the recording`;
  return [
    archive ?? "Run",
    failure ? failureLines(failure) : resultLines(result),
    changeLines(changed),
    ...missingRights.map(
      (right) =>
        `Refused: ${right.message}. The manifest asks with \`${manifestLine(right)}\`${hasKeys ? " (w writes it)" : ""}.`,
    ),
    ...requests.map(
      ({ outcome, method, url, recorded }) => `  ${outcome} ${method} ${url}${recorded ? " (recorded)" : ""}`,
    ),
    ...logLines(log),
    `${ms} ms, ${memory === null ? "memory unknown" : sizeText(memory)}, ${from}.`,
  ];
};

/** One run of the loop, for a person. @param hasKeys whether the loop reads keys */
export const devRunLines = ({ problem, runs, namespace, version, ms }: DevRun, hasKeys: boolean): Lines => {
  if (problem) {
    const kept = namespace === null ? [] : [`${namespace} ${version} stays loaded.`];
    return [failureLines(problem), ...kept];
  }
  return [
    ...runs.flatMap((run) => [runLines(run, hasKeys), ""]),
    `${namespace} ${version}: ${ms} ms from the save to the result.`,
  ];
};
