import { type Static, Type } from "typebox";
import { NetworkRecord } from "./plugins.ts";
import { Nullable } from "./scalars.ts";

/** The levels of a plugin's log, the least important first. */
export const logLevels = ["debug", "info", "warn", "error"] as const;
const LogLevel = Type.Enum([...logLevels]);
export type LogLevel = Static<typeof LogLevel>;

/** The archive of a call. */
export const LoggedArchive = Type.Object({ id: Type.String(), title: Type.String() });

/** One line that a plugin logged, or that the server logged about a call of it. */
export const PluginLogLine = Type.Object({
  /** Its position in the plugin's log; a later line has a larger one. */
  id: Type.Integer(),
  /** Epoch seconds with milliseconds. */
  time: Type.Number(),
  level: LogLevel,
  /** May have several lines, such as a stack. */
  text: Type.String(),
  /** Identifies the call; null for a line outside of every call. */
  call: Nullable(Type.String()),
  /** The job that made the call, or null. */
  job: Nullable(Type.Integer()),
  /** The archive of the call with its title, or null. */
  archive: Nullable(LoggedArchive),
  /** The host name of the server that ran the call. */
  node: Type.String(),
});
export type PluginLogLine = Static<typeof PluginLogLine>;

/** A line of one call's log. */
export const CallLogLine = Type.Pick(PluginLogLine, ["time", "level", "text"]);
export type CallLogLine = Static<typeof CallLogLine>;

/** What happened during one call, for a person who looks for a fault. */
export const CallReport = Type.Object({
  /** Its lines, the oldest first. */
  log: Type.Array(CallLogLine),
  /** Its requests, the oldest first; those that were refused have a reason. */
  requests: Type.Array(NetworkRecord),
  /** Milliseconds that it took, with the start of its process. */
  ms: Type.Number(),
  /** The most bytes of memory that its process held; null where the machine does not tell. */
  memory: Nullable(Type.Integer()),
  /** The frames of what the plugin threw, one a line: in the sources of a bundle with an inline source map. Null if it threw nothing. */
  stack: Nullable(Type.String()),
});
export type CallReport = Static<typeof CallReport>;

/** The first message of a log's stream, with the position where it begins. */
export const LogStart = Type.Object({ id: Type.Integer(), kind: Type.Literal("ready") });

/** Each message after the first is a line. */
export const PluginLogMessage = Type.Union([
  LogStart,
  Type.Object({ ...PluginLogLine.properties, kind: Type.Literal("line") }),
]);
export type PluginLogMessage = Static<typeof PluginLogMessage>;
