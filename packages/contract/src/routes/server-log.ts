import { Type } from "typebox";
import { logLevels } from "../plugin-logs.ts";
import { ServerLogLine, ServerLogMessage } from "../server-log.ts";
import { answer, routes } from "./route.ts";

const level = Type.Optional(Type.Enum([...logLevels], { description: "This level and those above it." }));
const Size = (minimum: number, fallback: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum: 1000, default: fallback, description }));

export const serverLogRoutes = routes({
  listServerLog: {
    method: "GET",
    path: "/api/log",
    operation: "list_server_log",
    summary:
      "The newest lines that this server logged since it runs, oldest first, from its memory, without secrets",
    tag: "server",
    scope: "manage",
    storeless: true,
    query: Type.Object({ level, size: Size(1, 100, "The most lines of the answer.") }),
    response: answer("list_server_log", {
      /** The host name of this server. Other servers on the same store have logs of their own. */
      host: Type.String(),
      items: Type.Array(ServerLogLine),
      /** Whether older lines match too. */
      more: Type.Boolean(),
    }),
  },
  streamServerLog: {
    method: "GET",
    path: "/api/log/stream",
    operation: "stream_server_log",
    summary:
      "What this server logs, as it logs it: server-sent events, each with itself as JSON. The header Last-Event-ID, or `after`, goes " +
      "on where an earlier stream broke off",
    tag: "server",
    scope: "manage",
    storeless: true,
    media: "text/event-stream",
    query: Type.Object({
      level,
      after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: Number.MAX_SAFE_INTEGER,
          description: "The id of the last line that was read.",
        }),
      ),
      size: Size(0, 0, "Begins with so many of the newest lines, unless it goes on after a line."),
    }),
    response: ServerLogMessage,
  },
});
