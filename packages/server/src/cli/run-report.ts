import { quoteText } from "@hitagi/contract";
import { manifestLine } from "../kit/missing-rights.ts";
import type { RunFailure, RunReport } from "../kit/types.ts";
import { sizeText } from "./format.ts";
import type { Io } from "./io.ts";
import type { Lines } from "./safe-text.ts";
import { type Columns, table } from "./table.ts";

const requestColumns: Columns<RunReport["requests"][number]> = {
  STATUS: "outcome",
  METHOD: "method",
  ADDRESS: "url",
  FROM: ({ recorded, outcome }) => {
    if (typeof outcome === "string") return "refused";
    return recorded ? "the recording" : "the site";
  },
  TOOK: ({ ms }) => `${Math.round(ms)} ms`,
};

/** A value on one line. */
export const valueText = (value: unknown): string =>
  typeof value === "string" ? quoteText(value) : JSON.stringify(value);

/** What a plugin found, a line a field and a line a tag. */
export const resultLines = (result: unknown): Lines => {
  if (typeof result !== "object" || result === null) return ["Result: none"];
  const lines = Object.entries(result).flatMap(([name, value]) => {
    if (Array.isArray(value) && name === "tags")
      return [`  tags: ${value.length}`, ...value.map((tag) => `    ${valueText(tag)}`)];
    return value === undefined ? [] : [`  ${name}: ${valueText(value)}`];
  });
  return lines.length > 0 ? ["Result:", ...lines] : ["Result: nothing found"];
};

/** Why a run failed, with the line of the source. */
export const failureLines = ({ message, hint, place, stack }: RunFailure): Lines => [
  `Failed: ${message}`,
  ...(place ? [`  at ${place.file}:${place.line}:${place.column}`] : []),
  ...(stack
    ? stack
        .split("\n")
        .slice(1, 6)
        .map((line) => `  ${line.trim()}`)
    : []),
  `hint: ${hint}`,
];

/** The log of a run, a line each. */
export const logLines = (log: RunReport["log"]): string[] =>
  log.map(({ level, text }) => `  ${level.padEnd(5)} ${text.replaceAll("\n", " ")}`);

const changeLines = ({ changes, added }: RunReport): Lines => [
  ...changes.map(({ id, ...fields }) => `  would change ${id}: ${JSON.stringify(fields)}`),
  ...added.map((url) => `  would download ${url}`),
];

/** Everything that one run did. */
export const runReportLines = (io: Io, report: RunReport): Lines => {
  const { failure, log, requests, ms, memory, missingRights } = report;
  return [
    ...(report.archive === null ? [] : [`${report.archive}:`]),
    failure ? failureLines(failure) : resultLines(report.result),
    changeLines(report),
    ...missingRights.map(
      (right) => `Refused: ${right.message}. The manifest asks with \`${manifestLine(right)}\`.`,
    ),
    log.length > 0 ? "Log:" : "Log: nothing",
    logLines(log),
    requests.length > 0 ? "Requests:" : "Requests: none",
    ...(requests.length > 0 ? table(io, requestColumns, requests) : []),
    `Time: ${ms} ms. Memory: ${memory === null ? "unknown on this machine" : sizeText(memory)}.`,
  ].filter((lines) => !Array.isArray(lines) || lines.length > 0);
};
