import { type Static, Type } from "typebox";
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

/** The first message of a stream has the position where it begins; each further one is a line. */
export const PluginLogMessage = Type.Union([
  Type.Object({ id: Type.Integer(), kind: Type.Literal("ready") }),
  Type.Object({ ...PluginLogLine.properties, kind: Type.Literal("line") }),
]);
export type PluginLogMessage = Static<typeof PluginLogMessage>;
