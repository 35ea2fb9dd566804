import type { CallReport, NetworkRecord } from "@hitagi/contract";
import { clockText } from "../clock.ts";
import { sizeText } from "./format.ts";
import type { Io } from "./io.ts";
import type { Lines } from "./safe-text.ts";
import { type Columns, table } from "./table.ts";

const requestColumns: Columns<NetworkRecord> = {
  STATUS: "outcome",
  METHOD: "method",
  ADDRESS: "url",
  TOOK: (request) => `${Math.round(request.ms)} ms`,
  BYTES: (request) => sizeText(request.bytes),
  REASON: "reason",
};

const logLines = ({ log }: CallReport): Lines =>
  log.map(({ time, level, text }) => [
    `  ${clockText(time)} ${level.padEnd(5)} ${text.split("\n", 1)[0]}`,
    ...text
      .split("\n")
      .slice(1)
      .map((line) => `      ${line}`),
  ]);

/** What happened during one call: its log, its requests, its stack, and what it cost. */
export const reportLines = (io: Io, report: CallReport): Lines => {
  const { log, requests, memory, ms, stack } = report;
  return [
    "",
    log.length > 0 ? "Log:" : "Log: nothing",
    logLines(report),
    requests.length > 0 ? "Requests:" : "Requests: none",
    ...(requests.length > 0 ? table(io, requestColumns, requests) : []),
    ...(stack === null ? [] : ["Stack:", ...stack.split("\n").map((line) => `  ${line.trim()}`)]),
    `Time: ${ms} ms with the start of its process`,
    `Memory: ${memory === null ? "unknown on this machine" : sizeText(memory)}`,
  ];
};
