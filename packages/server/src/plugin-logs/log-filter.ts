import { type LogLevel, logLevels, type PluginLogLine } from "@hitagi/contract";
import type { LogFilter } from "./types.ts";

const rank = (level: LogLevel): number => logLevels.indexOf(level);

/** Whether a line is one that a reader looks for. */
export const matchesFilter = (
  { level, archive, job, call, since, until }: LogFilter,
  line: PluginLogLine,
): boolean =>
  (level === undefined || rank(line.level) >= rank(level)) &&
  (archive === undefined || line.archive?.id === archive) &&
  (job === undefined || line.job === job) &&
  (call === undefined || line.call === call) &&
  (since === undefined || line.time >= since) &&
  (until === undefined || line.time < until);
