import { Type } from "typebox";
import { RawNamespace } from "../namespace.ts";
import { logLevels, PluginLogLine, PluginLogMessage } from "../plugin-logs.ts";
import { described, LAST_EPOCH } from "../scalars.ts";
import { answer, routes } from "./route.ts";

const byNamespace = Type.Object({
  namespace: described("The plugin's namespace, in any case.", RawNamespace),
});

const Position = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description }));
const Time = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: LAST_EPOCH, description }));
const Id = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 128, description }));
const Count = (minimum: number, fallback: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum: 1000, default: fallback, description }));

const filter = {
  level: Type.Optional(Type.Enum([...logLevels], { description: "This level and those above it." })),
  archive: Id("The id of an archive: only lines of calls for it."),
  job: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: "Only lines of this job's calls.",
    }),
  ),
  call: Id("Only lines of this call."),
  since: Time("Epoch seconds: from then on."),
};

export const pluginLogRoutes = routes({
  listPluginLog: {
    method: "GET",
    path: "/api/plugins/installed/:namespace/log",
    operation: "list_plugin_log",
    summary:
      "The newest lines of a plugin's log on all servers, oldest first; `before` with the id of the first line goes back further",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    query: Type.Object({
      ...filter,
      until: Time("Epoch seconds: before then."),
      after: Position("Only lines with a larger id: then the first lines after it."),
      before: Position("Only lines with a smaller id."),
      size: Count(1, 100, "The most lines of the answer."),
    }),
    response: answer("list_plugin_log", {
      items: Type.Array(PluginLogLine),
      /** Whether more lines match in the direction of reading. */
      more: Type.Boolean(),
    }),
  },
  streamPluginLog: {
    method: "GET",
    path: "/api/plugins/installed/:namespace/log/stream",
    operation: "stream_plugin_log",
    summary:
      "A plugin's log on all servers, as it is written: server-sent events, each with itself as JSON. The header Last-Event-ID, or " +
      "`after`, goes on where an earlier stream broke off",
    tag: "plugins",
    scope: "manage",
    media: "text/event-stream",
    params: byNamespace,
    query: Type.Object({
      ...filter,
      after: Position("The id of the last line that was read."),
      size: Count(0, 0, "Begins with so many of the newest lines, unless it goes on after a line."),
    }),
    response: PluginLogMessage,
  },
});
