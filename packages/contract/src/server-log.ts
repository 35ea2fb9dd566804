import { type Static, Type } from "typebox";
import { LogStart, logLevels } from "./plugin-logs.ts";

/** One line of a server's own log. */
export const ServerLogLine = Type.Object({
  /** Its position in the log of this run of the server; a later line has a larger one. */
  id: Type.Integer(),
  /** Epoch seconds with milliseconds. */
  time: Type.Number(),
  level: Type.Enum([...logLevels]),
  text: Type.String(),
  /** What the line says beside its text, such as the error or the request, without secrets. */
  details: Type.Record(Type.String(), Type.Unknown()),
});
export type ServerLogLine = Static<typeof ServerLogLine>;

/** Each message after the first is a line. */
export const ServerLogMessage = Type.Union([
  LogStart,
  Type.Object({ ...ServerLogLine.properties, kind: Type.Literal("line") }),
]);
export type ServerLogMessage = Static<typeof ServerLogMessage>;
