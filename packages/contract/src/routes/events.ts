import { Type } from "typebox";
import { eventKinds, StreamMessage } from "../events.ts";
import { routes } from "./route.ts";

const kind = `(${eventKinds.join("|")})`;

export const eventRoutes = routes({
  streamEvents: {
    method: "GET",
    path: "/api/events",
    operation: "stream_events",
    summary:
      "What happens on the server, as it happens: server-sent events, each with its kind as the event's type and itself " +
      "as JSON. The header Last-Event-ID, or `after`, goes on where an earlier stream broke off",
    tag: "server",
    scope: "read",
    media: "text/event-stream",
    query: Type.Object({
      kind: Type.Optional(
        Type.String({
          pattern: `^${kind}(,${kind})*$`,
          maxLength: 128,
          description: "Only these kinds, separated by commas.",
        }),
      ),
      after: Type.Optional(
        Type.String({ maxLength: 64, description: "The id of the last event that was seen." }),
      ),
    }),
    response: StreamMessage,
  },
});
